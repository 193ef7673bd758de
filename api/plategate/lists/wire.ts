import { instantOf } from "../../../core/access/wall-clock";
import { ApiError, type FieldError } from "../../errors";
import type { Problem, ProblemCode } from "../../../core/access/validate";

/** How an entry of a list is written in JSON: snake_case names, times in ISO 8601. */
export interface WireForm<T> {
  /** Fields that hold milliseconds since the epoch. */
  times: readonly (keyof T & string)[];
  /** Of the times those that a date alone sets to the end of its day. */
  ends?: readonly (keyof T & string)[];
  /** Lists, which null empties. */
  lists?: readonly (keyof T & string)[];
  /** Fields that never leave the server. */
  hidden: readonly (keyof T & string)[];
  /** Fields that are kept as their hash. */
  hashed?: Readonly<Record<string, (plain: string) => string>>;
  /** What is told of an entry beside its fields. */
  told?(entry: T): Record<string, unknown>;
}

/** An entry as JSON. */
export function toWire<T extends object>(entry: T, form: WireForm<T>): Record<string, unknown> {
  const hidden: readonly string[] = form.hidden;
  const times: readonly string[] = form.times;
  const fields = Object.fromEntries(
    Object.entries(entry)
      .filter(([key]) => !hidden.includes(key))
      .map(([key, value]) => [
        snake(key),
        times.includes(key) && typeof value === "number"
          ? new Date(value).toISOString()
          : deepSnake(value),
      ]),
  );
  return { ...fields, ...form.told?.(entry) };
}

/**
 * Fields of a validated body under the names of the domain, times as milliseconds.
 * @param timeZone the site's, for dates without a time
 */
export function fromWire<T extends object>(
  body: object,
  form: WireForm<T>,
  timeZone = "UTC",
): Partial<T> {
  return Object.fromEntries(
    Object.entries(body)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [camel(name), ofDomain(camel(name), value, form, timeZone)]),
  ) as Partial<T>;
}

function ofDomain<T>(key: string, value: unknown, form: WireForm<T>, timeZone: string): unknown {
  const isIn = (names: readonly string[] = []): boolean => names.includes(key);
  if (value === null) return isIn(form.lists) ? [] : null;
  if (typeof value !== "string") return deepCamel(value);
  if (isIn(form.times)) return instantIn(value, isIn(form.ends), timeZone);
  return form.hashed?.[key]?.(value) ?? value;
}

/** An instant of ISO 8601, or the first or last millisecond of a day. */
function instantIn(text: string, isEnd: boolean, timeZone: string): number {
  if (text.includes("T")) return Date.parse(text);
  return isEnd ? instantOf(text, 1440, timeZone) - 1 : instantOf(text, 0, timeZone);
}

/** What is wrong, as a sentence; `detail` is the value that is meant. */
const SENTENCES: Record<ProblemCode, (detail: string) => string> = {
  no_plate: (it) => `"${it}" has no letter or digit of a plate`,
  bad_status: (it) => `There is no status "${it}"`,
  bad_time: (it) => `"${it}" is no time of day (00:00 to 24:00)`,
  bad_window: (it) => `A window needs days, and an end after its beginning: ${it}`,
  bad_time_zone: (it) => `"${it}" is no time zone (Asia/Bangkok)`,
  bad_holiday: (it) => `"${it}" is no day of the calendar (2026-12-31)`,
  bad_pattern: (it) => `The pattern cannot be used: ${it}`,
  forbidden_address: (it) => `This address may not be called: ${it}`,
  bad_confusables: (it) => `The look-alike characters cannot be used: ${it}`,
  bad_number: (it) => `${it} is too small, or no whole number`,
  never_opens: (it) => `The schedule ${it} is open at no time of the coming year`,
  never_valid: () => "Its end is before its beginning",
  over: (it) => `Its end is in the past (${it}): it has no effect`,
  unknown_group: (it) => `There is no group ${it}`,
  unknown_schedule: (it) => `There is no schedule ${it}`,
  never_in_validity: (it) => `The schedule ${it} is never open while it is valid`,
};

/**
 * Refuses an entry with errors.
 * @returns what is odd but allowed, for the answer
 * @throws ApiError 422 with one entry per field
 */
export function checkProblems(
  problems: Problem[],
): { field: string; code: string; message: string }[] {
  const told = problems.map(({ field, code, detail }) => ({
    field: snake(field),
    code,
    message: SENTENCES[code](detail),
  }));
  const errors: FieldError[] = problems
    .map(({ severity }, index) => (severity === "error" ? told[index] : undefined))
    .filter((one) => one !== undefined);
  if (errors.length > 0) {
    throw new ApiError(422, "VALIDATION_ERROR", "The entry cannot be used", { errors });
  }
  return told;
}

/** The name of a field in JSON. */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

function deepSnake(value: unknown): unknown {
  return renamed(value, snake);
}

function deepCamel(value: unknown): unknown {
  return renamed(value, camel);
}

/** Renames the fields of objects inside lists and objects. */
function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => renamed(one, rename));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [rename(key), renamed(inner, rename)]),
  );
}
