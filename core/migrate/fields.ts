import { createHash } from "node:crypto";

/** A row of another system: column → value, as text where the file has only text. */
export type Row = Record<string, unknown>;

export const TARGETS = [
  "events",
  "vehicles",
  "cameras",
  "watch",
  "locations",
  "corrections",
] as const;
export type Target = (typeof TARGETS)[number];

/** Why a row is not taken over, in words for people. */
export class RowRefused extends Error {}

/** What the five systems call their tables. */
const TABLES: readonly [RegExp, Target][] = [
  [/^(events?|detections?|plate_(detections|events|reads)|(lpr_)?records)$/, "events"],
  [/^((registered_)?vehicles?|vehicle_registry)$/, "vehicles"],
  [/^cameras?$/, "cameras"],
  [/^(bolos?|bolo_(alerts|entries)|watch_?list|watch_entries)$/, "watch"],
  [/^locations?$/, "locations"],
  [/^((event|plate)_)?corrections?$/, "corrections"],
];

/** What a table holds; null for one that nothing is taken from. @param name also with its schema */
export function targetOf(name: string): Target | null {
  const bare = name.toLowerCase().replace(/^.*\./, "");
  return TABLES.find(([pattern]) => pattern.test(bare))?.[1] ?? null;
}

/** The first of these columns that has a value. */
export function valueOf(row: Row, ...names: string[]): unknown {
  for (const name of names) {
    const value = row[name];
    if (value !== undefined && value !== null && value !== "") return value;
  }
  return null;
}

export function textOf(row: Row, ...names: string[]): string | null {
  const value = valueOf(row, ...names);
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : null;
}

export function numberOf(row: Row, ...names: string[]): number | null {
  const value = valueOf(row, ...names);
  const number = typeof value === "number" ? value : Number(textOf(row, ...names) ?? NaN);
  return Number.isFinite(number) ? number : null;
}

/** PostgreSQL writes t and f, SQLite 1 and 0. */
export function flagOf(row: Row, name: string, absent: boolean): boolean {
  const value = valueOf(row, name);
  if (value === null) return absent;
  if (typeof value === "boolean") return value;
  return /^(t|true|1|yes)$/i.test(textOf(row, name) ?? "");
}

/**
 * An instant: ISO 8601 or PostgreSQL's way of writing it (UTC where no zone is named), or
 * seconds or milliseconds since the epoch.
 * @returns ms since the epoch; null where there is none that can be
 */
export function timeOf(row: Row, ...names: string[]): number | null {
  const number = numberOf(row, ...names);
  if (number !== null) return inRange(number < 1e11 ? number * 1000 : number);
  const text = textOf(row, ...names);
  if (text === null) return null;
  const iso = text.replace(/^(\d{4}-\d\d-\d\d) /, "$1T").replace(/([+-]\d\d)$/, "$1:00");
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/i.test(iso) || !iso.includes("T");
  return inRange(Date.parse(hasZone ? iso : `${iso}Z`));
}

function inRange(ms: number): number | null {
  return ms >= 0 && ms <= Date.UTC(9999, 0) ? Math.round(ms) : null;
}

/** Lower-case words; the old system's id, else one made of what the row says. */
export function idOf(row: Row, source: string, content: readonly string[]): string {
  const id = textOf(row, "event_id", "record_id", "detection_id", "id");
  if (id !== null) return ownId(id, source);
  const parts = [...content, textOf(row, "camera_id", "camera") ?? ""].join("\n");
  return `${source}-${createHash("sha256").update(parts).digest("hex").slice(0, 32)}`;
}

/** The event that a row of another table is about; null where it names none. */
export function eventIdOf(row: Row, source: string): string | null {
  const id = textOf(row, "event_id", "record_id", "detection_id");
  return id === null ? null : ownId(id, source);
}

/** Unique ids stay; of numbers the system they come from is part. */
function ownId(id: string, source: string): string {
  if (/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(id)) return id;
  return `${source}-${id}`.slice(0, 128);
}
