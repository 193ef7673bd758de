import { blankEvent, retentionClass, type NewEvent, type RawCandidate } from "../events/event";
import type { DecisionResult } from "../messages";
import { normalisePlate } from "../plates/normalise";
import type { Review } from "../review/ports";
import { flagOf, idOf, numberOf, RowRefused, textOf, timeOf, valueOf, type Row } from "./fields";

/** At most so many texts of readers are kept of an event, as ingest takes them. */
const MOST_CANDIDATES = 200;

/** A column `type` may also be of the event. */
const VEHICLE_TYPE = /^(car|sedan|suv|van|pickup|truck|lorry|bus|motor(cycle|bike)|trailer|taxi)$/i;

/** An event of another system. @throws RowRefused */
export function eventOfRow(row: Row, source: string): NewEvent {
  const read = textOf(row, "plate_text", "plate_number", "plate", "license_plate", "raw_plate");
  const corrected = textOf(row, "corrected_plate", "corrected_text");
  const plate = normalisePlate(corrected ?? read ?? "");
  if (plate === "") throw new RowRefused("no plate");
  const at = timeOf(row, "timestamp", "captured_at", "detected_at", "event_time", "created_at");
  if (at === null) throw new RowRefused("no time that can be understood");
  const raw = normalisePlate(read ?? "");
  const decision = decisionOf(row);
  return {
    ...blankEvent(idOf(row, source, [plate, String(at)]), at, plate),
    rawText: corrected !== null && raw !== "" && raw !== plate ? raw : null,
    confidence: shareOf(row, "confidence", "plate_confidence", "score"),
    region: textOf(row, "region", "country")?.slice(0, 64) ?? null,
    cameraId: shortOf(row, "camera_id", "camera"),
    zoneId: shortOf(row, "zone_id"),
    laneId: laneOf(row),
    decision,
    retentionClass: retentionClass(decision, null, decision === "deny" && isKnown(row)),
    candidates: candidatesOf(row),
    vehicleInfo: vehicleInfoOf(row),
    metadata: metadataOf(row, source),
  };
}

/** What is said of the vehicle: `vehicle_info` with the type and colour of columns of their own. */
function vehicleInfoOf(row: Row): Record<string, unknown> | null {
  const bare = textOf(row, "type") ?? "";
  const type = textOf(row, "vehicle_type") ?? (VEHICLE_TYPE.test(bare) ? bare : null);
  const color = textOf(row, "vehicle_color", "color");
  const info = {
    ...objectOf(valueOf(row, "vehicle_info")),
    ...(type === null ? {} : { type }),
    ...(color === null ? {} : { color }),
  };
  return Object.keys(info).length > 0 ? info : null;
}

/** What readers proposed: texts, or objects with `text` or `plate` and what else is known. */
function candidatesOf(row: Row): RawCandidate[] {
  const given = parsed(valueOf(row, "raw_candidates", "candidates"));
  if (!Array.isArray(given)) return [];
  return given.slice(0, MOST_CANDIDATES).flatMap((one: unknown) => {
    const fields: Row = typeof one === "string" ? { text: one } : (objectOf(one) ?? {});
    const text = textOf(fields, "text", "plate")?.slice(0, 128) ?? "";
    if (text === "") return [];
    const confidence = shareOf(fields, "confidence", "score");
    return [{ text, confidence, model: textOf(fields, "model")?.slice(0, 255) ?? null }];
  });
}

/** The old system's free notes of an event, with where it comes from. */
function metadataOf(row: Row, source: string): Record<string, unknown> {
  return { ...objectOf(valueOf(row, "metadata")), imported: { from: source } };
}

/** A person's word on a read, where the old system has one. @param at when the vehicle was there */
export function reviewOfRow(
  row: Row,
  source: string,
  at: number,
): Omit<Review, "eventId" | "verdict"> | null {
  const corrected = textOf(row, "corrected_plate", "corrected_text") !== null;
  const reviewedAt = timeOf(row, "reviewed_at", "corrected_at");
  if (!corrected && reviewedAt === null) return null;
  return {
    actor: `import:${source}`,
    notes: textOf(row, "review_notes", "correction_notes"),
    reviewedAt: reviewedAt ?? at,
  };
}

/** 0..1, also where it was given in per cent. */
function shareOf(row: Row, ...names: string[]): number | null {
  const given = numberOf(row, ...names);
  if (given === null || given < 0 || given > 100) return null;
  return given > 1 ? given / 100 : given;
}

function decisionOf(row: Row): DecisionResult | null {
  const said = textOf(row, "barrier_action", "decision", "action")?.toLowerCase() ?? "";
  if (/^(open|opened|allow|allowed|granted)$/.test(said)) return "open";
  if (/^(deny|denied|refused|rejected)$/.test(said)) return "deny";
  return null;
}

const isKnown = (row: Row): boolean => flagOf(row, "vehicle_found", false);

function laneOf(row: Row): string | null {
  const way = textOf(row, "event_type")?.toLowerCase();
  return shortOf(row, "lane_id", "lane") ?? (way === "entry" || way === "exit" ? way : null);
}

function shortOf(row: Row, ...names: string[]): string | null {
  return textOf(row, ...names)?.slice(0, 128) ?? null;
}

function objectOf(value: unknown): Record<string, unknown> | null {
  const found = parsed(value);
  return typeof found === "object" && found !== null && !Array.isArray(found)
    ? (found as Record<string, unknown>)
    : null;
}

/** Dumps and CSV files have JSON as text. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return null; // no JSON: the event counts without it
  }
}
