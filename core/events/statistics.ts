import type { EventFilter } from "./filters";

export type StatisticsInterval = "minute" | "hour" | "day" | "week";

export interface StatisticsQuery {
  filter: EventFilter;
  interval: StatisticsInterval;
  /** IANA zone of the site: buckets begin on its hours, days and Mondays. */
  timeZone: string;
  /** Also counts per hour of the week, which costs little where the rest is counted. */
  week?: boolean;
}

export interface CountAndConfidence {
  count: number;
  avgConfidence: number | null;
}

export interface EventStatistics {
  totalEvents: number;
  avgConfidence: number | null;
  minConfidence: number | null;
  maxConfidence: number | null;
  uniquePlates: number;
  /** First and last event, ms; null where there is none. */
  firstAt: number | null;
  lastAt: number | null;
  byCamera: Record<string, CountAndConfidence>;
  byZone: Record<string, CountAndConfidence>;
  byDecision: Record<string, number>;
  /** Oldest first; buckets without events are left out. */
  timeline: (CountAndConfidence & { timestamp: number })[];
  /** Counts by weekday (Monday first) and hour of the site's clocks; empty unless it was asked for. */
  week: number[][];
}

const MINUTE = 60_000;

/** Events per second, minute and hour over a span; the span is at least one second. */
export function eventRate(
  total: number,
  from: number,
  to: number,
): { perSecond: number; perMinute: number; perHour: number } {
  const seconds = Math.max(1, (to - from) / 1000);
  const perSecond = total / seconds;
  return { perSecond, perMinute: perSecond * 60, perHour: perSecond * 3600 };
}

/**
 * Adds counts of short buckets up to the bucket of `interval` that each is in.
 * @param buckets by start (ms, UTC), 15 minutes or shorter, so that the borders of
 * every time zone's hours and days are borders of buckets
 */
export function timeline(
  buckets: { start: number; count: number; sum: number; rated: number }[],
  interval: StatisticsInterval,
  timeZone: string,
): EventStatistics["timeline"] {
  const floor = bucketFloor(interval, timeZone);
  const merged = new Map<number, { count: number; sum: number; rated: number }>();
  for (const bucket of buckets) {
    const start = floor(bucket.start);
    const into = merged.get(start) ?? { count: 0, sum: 0, rated: 0 };
    into.count += bucket.count;
    into.sum += bucket.sum;
    into.rated += bucket.rated;
    merged.set(start, into);
  }
  return [...merged]
    .sort(([a], [b]) => a - b)
    .map(([timestamp, { count, sum, rated }]) => ({
      timestamp,
      count,
      avgConfidence: rated > 0 ? sum / rated : null,
    }));
}

/**
 * Counts by weekday, Monday first, and hour of the zone's clocks: 7 rows of 24.
 * @param buckets as {@link timeline} takes them
 */
export function hoursOfWeek(
  buckets: readonly { start: number; count: number }[],
  timeZone: string,
): number[][] {
  const offset = offsetOf(timeZone);
  const flat = Array<number>(7 * 24).fill(0);
  for (const { start, count } of buckets) {
    // 1970-01-01 was a Thursday, three days after the Monday that the rows begin with
    const hour = Math.floor((start + offset(start)) / (60 * MINUTE)) + 3 * 24;
    const at = mod(hour, flat.length);
    flat[at] = (flat[at] ?? 0) + count;
  }
  return Array.from({ length: 7 }, (_, day) => flat.slice(24 * day, 24 * (day + 1)));
}

/** The start of the bucket that a time is in, for one interval and zone. */
export function bucketFloor(
  interval: StatisticsInterval,
  timeZone: string,
): (at: number) => number {
  if (interval === "minute") return (at) => at - mod(at, MINUTE);
  const offset = offsetOf(timeZone);
  if (interval === "hour") {
    return (at) => at - mod(at + offset(at), 60 * MINUTE);
  }
  return (at) => {
    const local = at + offset(at);
    let day = local - mod(local, 1440 * MINUTE);
    // 1970-01-01 was a Thursday; weeks start on Monday
    if (interval === "week") day -= mod(day / (1440 * MINUTE) + 3, 7) * 1440 * MINUTE;
    // the offset at the start of the day may differ from the one at `at`
    return day - offset(day - offset(at));
  };
}

/**
 * The zone's offset from UTC in ms at a time. Looked up at the ends of the day, which is
 * dear, and in between only on a day on which it changes.
 */
function offsetOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const known = new Map<number, number>();
  const offsetAt = (quarter: number): number => {
    const found = known.get(quarter);
    if (found !== undefined) return found;
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(quarter)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    const offset = Date.UTC(year, month - 1, day, hour, minute) - quarter;
    known.set(quarter, offset);
    return offset;
  };
  return (at) => {
    const day = at - mod(at, 1440 * MINUTE);
    const offset = offsetAt(day);
    const same = offset === offsetAt(day + 1440 * MINUTE);
    return same ? offset : offsetAt(at - mod(at, 15 * MINUTE));
  };
}

function mod(a: number, b: number): number {
  return ((a % b) + b) % b;
}
