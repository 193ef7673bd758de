import type { Group, Schedule, VehicleStatus, Way } from "./types";
import { instantOf, isCalendarDay, minutesOf } from "./wall-clock";

/** A cell as a file gives it: text, a date (its UTC fields are what was written), or empty. */
export type Cell = string | Date;

/** Thrown by the readers of this file: why a cell cannot be used. */
export class CellError extends Error {
  constructor(
    readonly code: "bad_status" | "bad_date" | "bad_way" | "unknown_group" | "unknown_schedule",
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
    this.name = "CellError";
  }
}

const STATUSES: Readonly<Record<string, VehicleStatus>> = {
  "": "active",
  active: "active",
  yes: "active",
  allowed: "active",
  enabled: "active",
  ใช้งาน: "active",
  อนุญาต: "active",
  ปกติ: "active",
  suspended: "suspended",
  paused: "suspended",
  inactive: "suspended",
  disabled: "suspended",
  ระงับ: "suspended",
  ระงับชั่วคราว: "suspended",
  blocked: "blocked",
  banned: "blocked",
  denied: "blocked",
  ปิดกั้น: "blocked",
  ห้ามเข้า: "blocked",
};

const WAYS: Readonly<Record<string, Way | null>> = {
  "": null,
  both: null,
  any: null,
  เข้าออก: null,
  ทั้งสอง: null,
  entry: "entry",
  in: "entry",
  enter: "entry",
  เข้า: "entry",
  exit: "exit",
  out: "exit",
  leave: "exit",
  ออก: "exit",
};

export function readStatus(text: string): VehicleStatus {
  const status = STATUSES[text.toLowerCase()];
  if (status === undefined) throw new CellError("bad_status", text);
  return status;
}

export function readWay(text: string): Way | null {
  const way = WAYS[text.toLowerCase()];
  if (way === undefined) throw new CellError("bad_way", text);
  return way;
}

/** Several values in a cell, between `;` `,` `|` or line breaks. */
export function readList(text: string): string[] {
  return [
    ...new Set(
      text
        .split(/[;,|\n]/)
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    ),
  ];
}

/** Groups by id or name, without case. */
export function readGroups(text: string, groups: readonly Group[]): string[] {
  return readList(text).map((name) => {
    const [found, second] = byIdOrName(name, groups);
    if (!found) throw new CellError("unknown_group", name);
    if (second) throw new CellError("unknown_group", `${name}: ${SEVERAL}`);
    return found.id;
  });
}

/** A schedule by id or name, without case; null for an empty cell. */
export function readSchedule(text: string, schedules: readonly Schedule[]): string | null {
  if (text === "") return null;
  const [found, second] = byIdOrName(text, schedules);
  if (!found) throw new CellError("unknown_schedule", text);
  if (second) throw new CellError("unknown_schedule", `${text}: ${SEVERAL}`);
  return found.id;
}

/** Nobody knows which is meant, and the wrong one might let in whom the right one keeps out. */
const SEVERAL = "several have this name, write the id";

/** The entry of this id, else all of this name. */
function byIdOrName<T extends { id: string; name: string }>(
  text: string,
  entries: readonly T[],
): T[] {
  const own = entries.find(({ id }) => id === text);
  if (own) return [own];
  const wanted = text.toLowerCase();
  return entries.filter(({ name }) => name.trim().toLowerCase() === wanted);
}

/**
 * A date, with or without a time, in the site's time zone; ISO 8601 with an offset means
 * that instant. Understands 2026-12-31, 31.12.2026, 31/12/2026 (day first) and years of
 * the Buddhist era (2569).
 * @param edge what a date alone means: its first or its last millisecond
 * @returns milliseconds since the epoch; null for an empty cell
 */
export function readDate(cell: Cell, edge: "start" | "end", timeZone: string): number | null {
  const text = cell instanceof Date ? writtenIn(cell) : cell.trim();
  if (text === "") return null;
  if (/T.*(Z|[+-]\d{2}:?\d{2})$/i.test(text)) {
    const at = Date.parse(text);
    if (Number.isNaN(at)) throw new CellError("bad_date", text);
    return at;
  }
  const [, day, time] = /^(\S+?)(?:[T ](\d{1,2}:\d{2})(?::\d{2}(?:\.\d+)?)?)?$/.exec(text) ?? [];
  const date = readDay(day ?? "");
  if (date === null) throw new CellError("bad_date", text);
  if (time === undefined) {
    const minutes = edge === "start" ? 0 : 1440;
    return instantOf(date, minutes, timeZone) - (edge === "start" ? 0 : 1);
  }
  const minutes = minutesOf(time);
  if (minutes === null) throw new CellError("bad_date", text);
  return instantOf(date, minutes, timeZone);
}

function writtenIn(date: Date): string {
  if (Number.isNaN(date.getTime())) return "not a date";
  const [day = "", time = ""] = date.toISOString().split("T");
  return time.startsWith("00:00:00") ? day : `${day} ${time.slice(0, 5)}`;
}

function readDay(text: string): string | null {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const local = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(text);
  const [year, month, day] = iso ? [iso[1], iso[2], iso[3]] : [local?.[3], local?.[2], local?.[1]];
  if (!year || !month || !day) return null;
  // The Buddhist era is 543 years ahead; no permit runs into the 25th century.
  const common = Number(year) >= 2400 ? Number(year) - 543 : Number(year);
  const date = `${common}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return isCalendarDay(date) ? date : null;
}
