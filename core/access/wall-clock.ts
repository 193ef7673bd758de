/**
 * Local time of a time zone, from Intl's own tables (no copies that age). "Minutes"
 * are those of the wall clock since midnight, so a day with a change to or from
 * daylight saving time has the same 1,440, one hour of them missing or twice.
 */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export interface WallClock {
  /** "YYYY-MM-DD" */
  date: string;
  /** 0..1439 */
  minutes: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  formats.set(timeZone, format);
  return format;
}

/** Whether Intl knows the zone by this name. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * What a clock on the wall shows.
 * @param at milliseconds since the epoch
 * @param timeZone IANA name
 * @throws RangeError for an unknown zone
 */
export function wallClock(at: number, timeZone: string): WallClock {
  const parts: Record<string, string> = {};
  for (const part of formatOf(timeZone).formatToParts(at)) parts[part.type] = part.value;
  return {
    date: `${(parts.year ?? "").padStart(4, "0")}-${parts.month}-${parts.day}`,
    minutes: Number(parts.hour) * 60 + Number(parts.minute),
  };
}

/**
 * The instant at which the wall shows `minutes` on `date`: the first of two where the
 * hour comes twice; where it is left out, as far after the gap as it was into it.
 */
export function instantOf(date: string, minutes: number, timeZone: string): number {
  const asUtc = Date.parse(`${date}T00:00:00Z`) + minutes * MINUTE_MS;
  const before = asUtc - offsetAt(asUtc - DAY_MS, timeZone);
  if (offsetAt(before, timeZone) === offsetAt(asUtc - DAY_MS, timeZone)) return before;
  const after = asUtc - offsetAt(asUtc + DAY_MS, timeZone);
  return wallMatches(after, asUtc, timeZone) ? after : before;
}

/** Milliseconds that the zone is ahead of UTC. */
function offsetAt(at: number, timeZone: string): number {
  const wall = wallClock(at, timeZone);
  const shown = Date.parse(`${wall.date}T00:00:00Z`) + wall.minutes * MINUTE_MS;
  return shown - Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

function wallMatches(at: number, asUtc: number, timeZone: string): boolean {
  return at + offsetAt(at, timeZone) === asUtc;
}

/** "YYYY-MM-DD" some days later (or earlier, where negative). */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Monday = 1 … Sunday = 7. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

/** "HH:MM", up to "24:00", as minutes; null where it is none. */
export function minutesOf(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (!match) return null;
  const minutes = Number(match[1]) * 60 + Number(match[2]);
  return Number(match[2]) < 60 && minutes <= 1440 ? minutes : null;
}

/** Whether it is "YYYY-MM-DD", or "MM-DD" for each year, and such a day exists. */
export function isCalendarDay(text: string): boolean {
  const full = /^\d{2}-\d{2}$/.test(text) ? `2024-${text}` : text;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(full)) return false;
  const parsed = new Date(`${full}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().slice(0, 10) === full;
}
