import { ApiError, type FieldError } from "../../errors";
import type { Problem } from "../../../core/access/validate";

/** How an entry of a list is written in JSON: snake_case names, times in ISO 8601. */
export interface WireForm<T> {
  /** Fields that hold milliseconds since the epoch. */
  times: readonly (keyof T & string)[];
  /** Fields that never leave the server. */
  hidden: readonly (keyof T & string)[];
}

/** An entry as JSON. */
export function toWire<T extends object>(entry: T, form: WireForm<T>): Record<string, unknown> {
  const hidden: readonly string[] = form.hidden;
  const times: readonly string[] = form.times;
  return Object.fromEntries(
    Object.entries(entry)
      .filter(([key]) => !hidden.includes(key))
      .map(([key, value]) => [
        snake(key),
        times.includes(key) && typeof value === "number"
          ? new Date(value).toISOString()
          : deepSnake(value),
      ]),
  );
}

/** Fields of a validated body under the names of the domain, times as milliseconds. */
export function fromWire<T extends object>(body: object, form: WireForm<T>): Partial<T> {
  const times: readonly string[] = form.times;
  return Object.fromEntries(
    Object.entries(body)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        const key = camel(name);
        return [
          key,
          times.includes(key) && typeof value === "string" ? Date.parse(value) : deepCamel(value),
        ];
      }),
  ) as Partial<T>;
}

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
    message: detail || code,
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
