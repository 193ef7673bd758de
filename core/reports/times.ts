import { addDays, instantOf, minutesOf, wallClock, weekdayOf } from "../access/wall-clock";
import type { ReportDefinition, ReportScheduleFields } from "./types";

/** First and last instant, both inclusive. */
export interface Range {
  from: number;
  to: number;
}

/**
 * The time that a report is of.
 * @param now when it is made
 * @param timeZone IANA zone of the site: days, weeks (from Monday) and months are its own
 */
export function rangeOf(
  { period, ...given }: Pick<ReportDefinition, "period" | "start_date" | "end_date">,
  now: number,
  timeZone: string,
): Range {
  const { date: today } = wallClock(now, timeZone);
  const monday = addDays(today, 1 - weekdayOf(today));
  const first = `${today.slice(0, 8)}01`;
  const lastMonth = `${addDays(first, -1).slice(0, 8)}01`;
  /** From the beginning of one day to the end of the day before another. */
  const between = (start: string, end: string): Range => ({
    from: instantOf(start, 0, timeZone),
    to: instantOf(end, 0, timeZone) - 1,
  });
  switch (period) {
    case "today":
      return { from: instantOf(today, 0, timeZone), to: now };
    case "yesterday":
      return between(addDays(today, -1), today);
    case "last_7_days":
      return between(addDays(today, -7), today);
    case "last_week":
      return between(addDays(monday, -7), monday);
    case "this_month":
      return { from: instantOf(first, 0, timeZone), to: now };
    case "last_month":
      return between(lastMonth, first);
    case "custom":
      return {
        from: given.start_date === null ? 0 : Date.parse(given.start_date),
        to: given.end_date === null ? now : Date.parse(given.end_date),
      };
  }
}

/** Days to the last or next time of any schedule, at most. */
const FARTHEST = 62;

type When = Pick<ReportScheduleFields, "every" | "at" | "weekday" | "day">;

/** When a schedule should have run last: ms, at most `now`. */
export function lastDue(when: When, now: number, timeZone: string): number {
  return dueNear(when, now, timeZone, -1, (due) => due <= now);
}

/** When a schedule runs next, after `now`. */
export function nextDue(when: When, now: number, timeZone: string): number {
  return dueNear(when, now, timeZone, 1, (due) => due > now);
}

/** The first time, day by day from today on or back, that is as wanted. */
function dueNear(
  when: When,
  now: number,
  timeZone: string,
  step: 1 | -1,
  isWanted: (due: number) => boolean,
): number {
  const minutes = minutesOf(when.at) ?? 0;
  const { date: today } = wallClock(now, timeZone);
  for (let days = 0; days <= FARTHEST; days++) {
    const date = addDays(today, step * days);
    const due = isDay(date, when) ? instantOf(date, minutes, timeZone) : NaN;
    if (isWanted(due)) return due;
  }
  throw new RangeError("a schedule without a day");
}

function isDay(date: string, { every, weekday, day }: When): boolean {
  if (every === "day") return true;
  if (every === "week") return weekdayOf(date) === weekday;
  const isLast = addDays(date, 1).endsWith("-01");
  const dayOfMonth = Number(date.slice(8));
  return dayOfMonth === day || (isLast && dayOfMonth < day);
}
