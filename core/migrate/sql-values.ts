/** Reading the statements of database dumps: what PostgreSQL, MySQL and SQLite write, and no more. */
import { pastQuoted, splitOutside } from "./sql-text";

/** One row of a dump as it stands there. */
export interface InsertRows {
  table: string;
  /** Null where the statement names none: the table's own, in order. */
  columns: string[] | null;
  rows: (string | number | boolean | null)[][];
}

/** A name as it is without its quotes and schema. */
export function bareName(name: string): string {
  const last = name.split(".").at(-1) ?? name;
  return last.replace(/^["'`[]|["'`\]]$/g, "");
}

/** `COPY public.events (id, plate) FROM stdin;` @returns null for any other line */
export function copyHead(line: string): { table: string; columns: string[] } | null {
  const found = /^COPY ([^\s(]+) \(([^)]*)\) FROM stdin;/i.exec(line);
  if (!found?.[1] || !found[2]) return null;
  return {
    table: bareName(found[1]),
    columns: found[2].split(",").map((one) => bareName(one.trim())),
  };
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The cells of a line of COPY; `\N` is null. */
export function copyCells(line: string): (string | null)[] {
  return line
    .split("\t")
    .map((cell) =>
      cell === "\\N" ? null : cell.replace(/\\(.)/g, (_all, char: string) => ESCAPES[char] ?? char),
    );
}

/**
 * Whether a line outside of statements says that a backslash escapes in every string: MySQL's
 * and MariaDB's dumps, and PostgreSQL's where its strings were set to the old way. Elsewhere it
 * is a character like any other, except in `E'…'`.
 */
export function escapesEverywhere(line: string): boolean {
  return (
    /^(-- (MySQL|MariaDB|phpMyAdmin)\b|\/\*M?!|INSERT (IGNORE )?INTO `)/i.test(line) ||
    /^SET standard_conforming_strings = off;/i.test(line)
  );
}

/**
 * The columns of a CREATE TABLE statement, in order.
 * @param escapes see {@link escapesEverywhere}
 * @returns null for any other statement
 */
export function createdColumns(
  statement: string,
  escapes = false,
): { table: string; columns: string[] } | null {
  const found = /^CREATE TABLE (?:IF NOT EXISTS )?([^\s(]+)\s*\(([\s\S]*)\)[^)]*$/i.exec(statement);
  if (!found?.[1] || !found[2]) return null;
  const columns = splitOutside(found[2], escapes)
    .map((part) => /^\s*(\S+)/.exec(part)?.[1] ?? "")
    .filter((name) => !/^(PRIMARY|FOREIGN|UNIQUE|CHECK|CONSTRAINT|KEY|INDEX)$/i.test(name))
    .map(bareName);
  return { table: bareName(found[1]), columns };
}

/**
 * An INSERT statement with its values.
 * @param escapes see {@link escapesEverywhere}
 * @returns null for any other statement
 */
export function insertedRows(statement: string, escapes = false): InsertRows | null {
  const found = /^INSERT (?:OR \w+ |IGNORE )?INTO ([^\s(]+)\s*(?:\(([^)]*)\)\s*)?VALUES\s*/i.exec(
    statement,
  );
  if (!found?.[1]) return null;
  const columns = found[2] ? found[2].split(",").map((one) => bareName(one.trim())) : null;
  const tuples = splitOutside(statement.slice(found[0].length).replace(/;\s*$/, ""), escapes);
  const rows = tuples.map((tuple) =>
    splitOutside(tuple.trim().replace(/^\(/, "").replace(/\)$/, ""), escapes).map((text) =>
      valueOf(text, escapes),
    ),
  );
  return { table: bareName(found[1]), columns, rows };
}

function valueOf(given: string, escapes: boolean): string | number | boolean | null {
  const text = given.trim().replace(/::[\w ]+$/, "");
  if (/^null$/i.test(text)) return null;
  if (/^(true|false)$/i.test(text)) return /^t/i.test(text);
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text);
  const bits = /^b'([01]{1,32})'$/i.exec(text)?.[1];
  if (bits !== undefined) return parseInt(bits, 2);
  // MySQL names a string's character set before it: _binary '…'
  const [, mark, string] = /^(E|_\w+ )?'([\s\S]*)'$/i.exec(text) ?? [];
  if (string === undefined) return text;
  if (!escapes && mark?.toUpperCase() !== "E") return string.replace(/''/g, "'");
  return string.replace(/''|\\([\s\S])/g, (_all, char: string | undefined) =>
    char === undefined ? "'" : (ESCAPES[char] ?? char),
  );
}

/** A statement that comes line by line. */
export class StatementReader {
  /** Lines up to where no string is open. */
  private closed: string[] = [];
  private open = "";
  private size = 0;

  /** Characters so far; 0: none has begun. */
  get length(): number {
    return this.size;
  }

  /**
   * @param escapes see {@link escapesEverywhere}
   * @returns the statement, where it ends with this line: at a `;` outside of strings
   */
  push(line: string, escapes: boolean): string | null {
    this.open += `${line}\n`;
    this.size += line.length + 1;
    const last = lastOutside(this.open, escapes);
    if (last === null) return null;
    this.closed.push(this.open);
    this.open = "";
    if (last !== ";") return null;
    const whole = this.closed.join("").trim();
    this.closed = [];
    this.size = 0;
    return whole;
  }
}

/** The last character that is neither quoted, comment nor blank; null where a string is open. */
function lastOutside(text: string, escapes: boolean): string | null {
  let last = "";
  for (let at = 0; at < text.length;) {
    const end = pastQuoted(text, at, escapes);
    if (end === null) return null;
    const char = text.charAt(at);
    if (end === at && char.trim() !== "") last = char;
    else if (end > at && char !== "-" && char !== "/") last = char;
    at = Math.max(end, at + 1);
  }
  return last;
}
