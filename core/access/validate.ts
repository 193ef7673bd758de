import { compileConfusables } from "../plates/confusables";
import { normalisePlate } from "../plates/normalise";
import { compilePattern, normalisePattern } from "../plates/patterns";
import { nextOpening } from "./schedules";
import type { ScheduleSite } from "./schedules";
import type {
  AccessSettings,
  AccessSnapshot,
  Group,
  Schedule,
  Vehicle,
  VisitorPass,
  WatchEntry,
} from "./types";
import { VEHICLE_STATUSES } from "./types";
import { isCalendarDay, isTimeZone, minutesOf } from "./wall-clock";

/** Why an entry cannot be used (error) or will hardly do what was meant (warning). */
export const PROBLEM_CODES = [
  "no_plate",
  "bad_status",
  "bad_time",
  "bad_window",
  "bad_time_zone",
  "bad_holiday",
  "bad_pattern",
  "bad_confusables",
  "bad_number",
  "forbidden_address",
  "never_opens",
  "never_valid",
  "over",
  "unknown_group",
  "unknown_schedule",
  "never_in_validity",
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

export interface Problem {
  field: string;
  code: ProblemCode;
  severity: "error" | "warning";
  detail: string;
}

const error = (field: string, code: ProblemCode, detail: string): Problem => ({
  field,
  code,
  severity: "error",
  detail,
});
const warning = (field: string, code: ProblemCode, detail: string): Problem => ({
  ...error(field, code, detail),
  severity: "warning",
});

/** A watch entry for everything would raise an alert for every vehicle; a deny entry may mean it. */
const EVERY_PLATE = "the pattern matches every plate; give at least one letter or digit";

/**
 * What is wrong with a schedule; "never_opens" where it is well-formed but open at no
 * time of the coming year.
 * @param at now, milliseconds since the epoch
 */
export function scheduleProblems(schedule: Schedule, at: number, site: ScheduleSite): Problem[] {
  const problems: Problem[] = [];
  if (schedule.timeZone !== null && !isTimeZone(schedule.timeZone)) {
    problems.push(error("timeZone", "bad_time_zone", schedule.timeZone));
  }
  schedule.windows.forEach((window, i) => {
    problems.push(...windowProblems(`windows[${i}]`, window));
    if (window.days.length === 0)
      problems.push(error(`windows[${i}].days`, "bad_window", "no day"));
  });
  schedule.holidayWindows.forEach((window, i) => {
    problems.push(...windowProblems(`holidayWindows[${i}]`, window));
  });
  problems.push(...holidayProblems(schedule.holidays));
  if (problems.length === 0 && nextOpening(schedule, at, site) === null) {
    problems.push(warning("windows", "never_opens", schedule.name));
  }
  return problems;
}

function windowProblems(field: string, window: { from: string; to: string }): Problem[] {
  const problems = (["from", "to"] as const)
    .filter((edge) => minutesOf(window[edge]) === null)
    .map((edge) => error(`${field}.${edge}`, "bad_time", window[edge]));
  if (problems.length > 0) return problems;
  const from = minutesOf(window.from);
  return from === minutesOf(window.to) || from === 1440
    ? [error(field, "bad_window", `${window.from}-${window.to} is no time at all`)]
    : [];
}

function holidayProblems(holidays: readonly string[]): Problem[] {
  return holidays.flatMap((day, i) =>
    isCalendarDay(day) ? [] : [error(`holidays[${i}]`, "bad_holiday", day)],
  );
}

/** What is wrong with a vehicle's entry, beside a collision (`findCollision`). */
export function vehicleProblems(
  vehicle: Vehicle,
  lists: Pick<AccessSnapshot, "groups" | "schedules">,
  at: number,
  site: ScheduleSite,
): Problem[] {
  const problems: Problem[] = [];
  if (normalisePlate(vehicle.plate) === "")
    problems.push(error("plate", "no_plate", vehicle.plate));
  if (!VEHICLE_STATUSES.includes(vehicle.status)) {
    problems.push(error("status", "bad_status", vehicle.status));
  }
  for (const id of vehicle.groups) {
    if (!lists.groups.some((group) => group.id === id)) {
      problems.push(error("groups", "unknown_group", id));
    }
  }
  return [...problems, ...periodProblems(vehicle, lists, at, site)];
}

/** What is wrong with a visitor's pass. */
export function passProblems(
  pass: VisitorPass,
  lists: Pick<AccessSnapshot, "schedules">,
  at: number,
  site: ScheduleSite,
): Problem[] {
  const problems: Problem[] = [];
  if (pass.plate !== null && normalisePlate(pass.plate) === "") {
    problems.push(error("plate", "no_plate", pass.plate));
  }
  problems.push(...countProblems("usesAllowed", pass.usesAllowed, 1));
  return [...problems, ...periodProblems(pass, lists, at, site)];
}

function periodProblems(
  entry: Pick<Vehicle, "validFrom" | "validUntil" | "scheduleId">,
  lists: Pick<AccessSnapshot, "schedules">,
  at: number,
  site: ScheduleSite,
): Problem[] {
  const { validFrom, validUntil, scheduleId } = entry;
  if (validFrom !== null && validUntil !== null && validFrom > validUntil) {
    return [error("validUntil", "never_valid", "ends before it begins")];
  }
  if (validUntil !== null && validUntil < at) {
    return [warning("validUntil", "over", new Date(validUntil).toISOString())];
  }
  if (scheduleId === null) return [];
  const schedule = lists.schedules.find((known) => known.id === scheduleId);
  if (!schedule) return [error("scheduleId", "unknown_schedule", scheduleId)];
  if (validUntil === null || !usable(schedule)) return [];
  const opening = nextOpening(schedule, Math.max(at, validFrom ?? at), site, validUntil);
  return opening === null ? [warning("scheduleId", "never_in_validity", schedule.name)] : [];
}

function usable(schedule: Schedule): boolean {
  return schedule.timeZone === null || isTimeZone(schedule.timeZone);
}

/** What is wrong with a group. */
export function groupProblems(group: Group, lists: Pick<AccessSnapshot, "schedules">): Problem[] {
  const { scheduleId } = group;
  const unknown = scheduleId !== null && !lists.schedules.some(({ id }) => id === scheduleId);
  return [
    ...(unknown ? [error("scheduleId", "unknown_schedule", scheduleId)] : []),
    ...countProblems("occupancyLimit", group.occupancyLimit, 0),
    ...countProblems("permitSpaces", group.permitSpaces, 1),
  ];
}

/** What is wrong with an entry of the watch or deny list. */
export function watchProblems(entry: WatchEntry, at: number): Problem[] {
  try {
    compilePattern(entry.pattern);
  } catch (thrown) {
    return [error("pattern", "bad_pattern", thrown instanceof Error ? thrown.message : "")];
  }
  if (entry.list === "watch" && /^[*?]*\*[*?]*$/.test(normalisePattern(entry.pattern))) {
    return [error("pattern", "bad_pattern", EVERY_PLATE)];
  }
  return entry.expiresAt !== null && entry.expiresAt < at
    ? [warning("expiresAt", "over", new Date(entry.expiresAt).toISOString())]
    : [];
}

/** What is wrong with the settings of deciding. */
export function settingsProblems(settings: AccessSettings): Problem[] {
  const problems = [
    ...countProblems("occupancyLimit", settings.occupancyLimit, 0),
    ...countProblems("maxConfusables", settings.maxConfusables, 0),
    ...holidayProblems(settings.holidays),
  ];
  if (!(settings.antiPassbackMinutes > 0)) {
    problems.push(error("antiPassbackMinutes", "bad_number", String(settings.antiPassbackMinutes)));
  }
  try {
    if (settings.confusables !== null) compileConfusables(settings.confusables);
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : "";
    problems.push(error("confusables", "bad_confusables", detail));
  }
  return problems;
}

function countProblems(field: string, value: number | null, least: number): Problem[] {
  if (value === null || (Number.isInteger(value) && value >= least)) return [];
  return [error(field, "bad_number", String(value))];
}

/** Schedules in use that are broken or never open: whoever has one stays outside. */
export function uselessSchedules(
  lists: AccessSnapshot,
  at: number,
  timeZone: string,
): { schedule: Schedule; problem: Problem }[] {
  const site = { timeZone, holidays: lists.settings.holidays };
  const holders = [lists.vehicles, lists.groups, lists.passes].flat();
  const used = new Set(holders.map(({ scheduleId }) => scheduleId));
  return lists.schedules.flatMap((schedule) => {
    const [problem] = used.has(schedule.id) ? scheduleProblems(schedule, at, site) : [];
    return problem ? [{ schedule, problem }] : [];
  });
}
