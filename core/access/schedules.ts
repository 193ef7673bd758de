import type { Schedule, ScheduleWindow } from "./types";
import { addDays, instantOf, minutesOf, wallClock, weekdayOf } from "./wall-clock";

const DAY_MINUTES = 1440;

/** Days looked ahead for the next opening: a year and a little. */
const HORIZON_DAYS = 370;

/** Where a schedule stands: its site's time zone and holidays. */
export interface ScheduleSite {
  timeZone: string;
  /** "YYYY-MM-DD" or "MM-DD" */
  holidays: readonly string[];
}

/** Minutes after the midnight of the day on which a window begins; `to` beyond 1440 is the next day. */
interface Span {
  from: number;
  to: number;
}

/**
 * Whether the schedule is open at an instant. Windows follow the wall clock, on days
 * with a change of daylight saving time too: what opens from 01:00 to 03:00 is open for
 * one hour when the clock jumps ahead and for three when it is set back. A window that
 * crosses midnight belongs to the day on which it begins, holidays included.
 * @param at milliseconds since the epoch
 */
export function isOpen(schedule: Schedule, at: number, site: ScheduleSite): boolean {
  const wall = wallClock(at, schedule.timeZone ?? site.timeZone);
  const yesterday = addDays(wall.date, -1);
  return (
    spansOf(schedule, wall.date, site).some((span) => covers(span, wall.minutes)) ||
    spansOf(schedule, yesterday, site).some((span) => covers(span, wall.minutes + DAY_MINUTES))
  );
}

function covers(span: Span, minutes: number): boolean {
  return span.from <= minutes && minutes < span.to;
}

function spansOf(schedule: Schedule, date: string, site: ScheduleSite): Span[] {
  if (schedule.onHolidays !== "as_usual" && isHoliday(schedule, date, site)) {
    return schedule.onHolidays === "closed" ? [] : toSpans(schedule.holidayWindows);
  }
  const weekday = weekdayOf(date);
  return toSpans(schedule.windows.filter((window) => window.days.some((day) => day === weekday)));
}

function isHoliday(schedule: Schedule, date: string, site: ScheduleSite): boolean {
  const same = (day: string): boolean => day === date || day === date.slice(5);
  return schedule.holidays.some(same) || site.holidays.some(same);
}

/** A window that cannot be read opens nothing; `scheduleProblems` tells of it. */
function toSpans(windows: readonly Pick<ScheduleWindow, "from" | "to">[]): Span[] {
  return windows.flatMap((window) => {
    const from = minutesOf(window.from);
    const to = minutesOf(window.to);
    if (from === null || to === null || from === to || from === DAY_MINUTES) return [];
    return [{ from, to: to < from ? to + DAY_MINUTES : to }];
  });
}

/**
 * The first instant from `from` on at which the schedule is open, at most `until` and
 * at most 370 days ahead; null where there is none.
 */
export function nextOpening(
  schedule: Schedule,
  from: number,
  site: ScheduleSite,
  until = Number.POSITIVE_INFINITY,
): number | null {
  if (from > until) return null;
  if (isOpen(schedule, from, site)) return from;
  const timeZone = schedule.timeZone ?? site.timeZone;
  let date = wallClock(from, timeZone).date;
  for (let i = 0; i <= HORIZON_DAYS; i++, date = addDays(date, 1)) {
    const starts = spansOf(schedule, date, site)
      .map((span) => instantOf(date, span.from, timeZone))
      .filter((at) => at > from && isOpen(schedule, at, site))
      .sort((a, b) => a - b);
    const first = starts[0];
    if (first !== undefined) return first <= until ? first : null;
  }
  return null;
}
