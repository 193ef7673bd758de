import { addDays, instantOf, minutesOf, wallClock, weekdayOf } from "../access/wall-clock";
import type { QuietHours } from "./types";

const MINUTE_MS = 60_000;

/**
 * When the quiet hours that hold `now` end; `now` where there are none. Hours that
 * begin in the evening and end in the morning belong to the day on which they begin.
 * @param now ms since the epoch
 * @param timeZone IANA name
 */
export function quietUntil(quiet: QuietHours | null, now: number, timeZone: string): number {
  if (!quiet) return now;
  const from = minutesOf(quiet.from);
  const to = minutesOf(quiet.to);
  if (from === null || to === null || from === to) return now;
  const today = wallClock(now, timeZone).date;
  for (const date of [addDays(today, -1), today]) {
    if (quiet.days.length > 0 && !quiet.days.includes(weekdayOf(date))) continue;
    const begins = instantOf(date, from, timeZone);
    const ends = instantOf(to > from ? date : addDays(date, 1), to, timeZone);
    if (now >= begins && now < ends) return ends;
  }
  return now;
}

/** The end of the digest period that holds `now`: full periods since midnight UTC. */
export function digestAt(minutes: number, now: number): number {
  const period = minutes * MINUTE_MS;
  return Math.ceil(now / period) * period;
}
