import type { Insertable } from "kysely";
import type { DialectName } from "../types";

/** A builder that can be told to leave rows alone whose key exists. */
interface Ignorable<T> {
  onConflict(with_: (c: { doNothing(): never }) => never): T;
  ignore(): T;
}

/** `insert`, leaving rows alone whose key exists: each database has its own words for it. */
export function orIgnore<T>(dialect: DialectName, insert: T): T {
  const builder = insert as unknown as Ignorable<T>;
  return dialect === "mysql" ? builder.ignore() : builder.onConflict((c) => c.doNothing());
}

export const flag = (value: boolean): number => (value ? 1 : 0);

export const json = (value: unknown): string => JSON.stringify(value);

/** JSON for a column that may be null. */
export const jsonOrNull = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value);

/** The value of a JSON column; what this program did not write itself is checked by the caller. */
export function parsed<T>(text: string | null, fallback: T): T {
  return text === null || text === "" ? fallback : (JSON.parse(text) as T);
}

/** Only the columns that a change names; undefined means "leave alone". */
export function defined<T extends object>(changes: T): Partial<Insertable<T>> {
  return Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  ) as Partial<Insertable<T>>;
}

/** A text for LIKE … ESCAPE '!', its own wildcards made harmless. */
export function escaped(text: string): string {
  return text.replace(/[!%_]/g, "!$&");
}

/** The pattern of LIKE … ESCAPE '!' for what contains a text. */
export function containing(text: string): string {
  return `%${escaped(text)}%`;
}
