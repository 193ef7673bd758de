import type { CharacterRead, Direction, FrameRef, Point, Read } from "../../messages";
import {
  DEFAULT_TRACKER_SETTINGS,
  type LaneLine,
  type LaneZone,
  type TrackerSettings,
} from "./settings";

/**
 * A frame's reads as the tracker needs them. Reads may come from other makers' nodes
 * or a function node, so they are looked at: characters are made up from the text
 * where there are none.
 * @throws TypeError that says what is wrong with the message
 */
export function checkedReads(frame: unknown, reads: unknown): { frame: FrameRef; reads: Read[] } {
  if (!isFrame(frame)) {
    throw new TypeError("msg.frame is missing or has no id, cameraId, capturedAt, width, height");
  }
  if (!Array.isArray(reads)) throw new TypeError("msg.reads is not a list of reads");
  return { frame, reads: reads.map((read, i) => checkedRead(read, i, frame)) };
}

function isFrame(value: unknown): value is FrameRef {
  if (typeof value !== "object" || value === null) return false;
  const { id, cameraId, capturedAt, width, height } = value as Partial<FrameRef>;
  return (
    typeof id === "string" &&
    typeof cameraId === "string" &&
    [capturedAt, width, height].every((n) => Number.isFinite(n)) &&
    Number(width) > 0 &&
    Number(height) > 0
  );
}

function checkedRead(value: unknown, index: number, frame: FrameRef): Read {
  const read = value as Partial<Read> | null | undefined;
  const box: unknown = read?.detection?.box;
  const placed =
    Array.isArray(box) && box.length === 4 && box.every((side) => Number.isFinite(side));
  if (!read?.detection || !placed) throw new TypeError(`msg.reads[${index}] has no detection.box`);
  const text = typeof read.text === "string" ? read.text : "";
  const confidence = fraction(read.confidence);
  return {
    text,
    confidence,
    characters: Array.isArray(read.characters) ? read.characters : spelled(text, confidence),
    region: read.region ?? null,
    rows: read.rows ?? 1,
    readable: read.readable ?? text !== "",
    reason: read.reason ?? null,
    detection: read.detection,
    frameId: read.frameId ?? frame.id,
    capturedAt: read.capturedAt ?? frame.capturedAt,
  };
}

/** Characters of a text whose maker says only how sure it is of the whole. */
function spelled(text: string, confidence: number): CharacterRead[] {
  const chars = [...text];
  const each = confidence ** (1 / Math.max(1, chars.length));
  return chars.map((char) => ({ char, confidence: each, alternatives: [] }));
}

function fraction(value: unknown): number {
  return typeof value === "number" && value >= 0 && value <= 1 ? value : 0;
}

/** The fields of a form, as the editor stores them: mostly strings, times in seconds. */
export interface TrackerFields {
  agree?: unknown;
  gap?: unknown;
  minConfidence?: unknown;
  settle?: unknown;
  finalReads?: unknown;
  /** JSON: `[{"lane": "north" | null, "polygon": [[x, y], …]}]`, fractions of the picture. */
  zones?: unknown;
  /** JSON: `[[[x, y], [x, y]], [[x, y], [x, y]]]`, fractions of the picture. */
  lines?: unknown;
  only?: unknown;
  /** ISO 3166 codes with commas or spaces between. */
  regions?: unknown;
}

/**
 * Settings from the fields of the editor's form; empty ones mean the default.
 * @throws RangeError naming the field that is wrong
 */
export function settingsFromFields(fields: TrackerFields): TrackerSettings {
  const fallback = DEFAULT_TRACKER_SETTINGS;
  return {
    ...fallback,
    agree: within("agree", fields.agree, fallback.agree, 1, 50),
    gapMs: 1000 * within("gap", fields.gap, fallback.gapMs / 1000, 0.2, 600),
    minConfidence: within("minConfidence", fields.minConfidence, fallback.minConfidence, 0, 1),
    settleMs: 1000 * within("settle", fields.settle, fallback.settleMs / 1000, 1, 86_400),
    finalReads: within("finalReads", fields.finalReads, fallback.finalReads, 0, 64),
    zones: zonesOf(fields.zones),
    lines: linesOf(fields.lines),
    only: directionOf(fields.only),
    regions: typeof fields.regions === "string" ? codesOf(fields.regions) : [],
  };
}

function codesOf(text: string): string[] {
  return text
    .toUpperCase()
    .split(/[\s,;]+/)
    .filter((region) => region !== "");
}

function within(name: string, value: unknown, fallback: number, from: number, to: number): number {
  if (value === undefined || value === null || value === "") return fallback;
  const number = Number(value);
  if (Number.isFinite(number) && number >= from && number <= to) return number;
  throw new RangeError(`${name} is not a number from ${from} to ${to}`);
}

function directionOf(value: unknown): Direction {
  return value === "towards" || value === "away" ? value : "unknown";
}

function zonesOf(value: unknown): LaneZone[] {
  const parsed = jsonOf("zones", value) ?? [];
  if (!Array.isArray(parsed)) throw new RangeError("zones is not a list");
  return parsed.map((zone: unknown, i) => {
    const { lane, polygon } = (zone ?? {}) as { lane?: unknown; polygon?: unknown };
    if (!Array.isArray(polygon) || polygon.length < 3 || !polygon.every(isPoint)) {
      throw new RangeError(`zones[${i}].polygon is not three or more points [x, y] from 0 to 1`);
    }
    return { laneId: typeof lane === "string" && lane !== "" ? lane : null, polygon };
  });
}

function linesOf(value: unknown): [LaneLine, LaneLine] | null {
  const parsed = jsonOf("lines", value);
  if (parsed === null || (Array.isArray(parsed) && parsed.length === 0)) return null;
  if (!Array.isArray(parsed) || parsed.length !== 2 || !parsed.every(isLine)) {
    throw new RangeError("lines is not two lines of two points [x, y] from 0 to 1");
  }
  const [first, second] = parsed;
  return first && second ? [first, second] : null;
}

function isLine(value: unknown): value is LaneLine {
  return Array.isArray(value) && value.length === 2 && value.every(isPoint);
}

function isPoint(value: unknown): value is Point {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((n) => typeof n === "number" && n >= 0 && n <= 1)
  );
}

function jsonOf(name: string, value: unknown): unknown {
  if (typeof value !== "string") return value ?? null;
  if (value.trim() === "") return null;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw new RangeError(`${name} is not valid JSON`);
  }
}
