/** Reading the statements of database dumps: what PostgreSQL, MySQL and SQLite write, and no more. */

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

/** The columns of a CREATE TABLE statement, in order. @returns null for any other statement */
export function createdColumns(statement: string): { table: string; columns: string[] } | null {
  const found = /^CREATE TABLE (?:IF NOT EXISTS )?([^\s(]+)\s*\(([\s\S]*)\)[^)]*$/i.exec(statement);
  if (!found?.[1] || !found[2]) return null;
  const columns = splitOutside(found[2])
    .map((part) => /^\s*(\S+)/.exec(part)?.[1] ?? "")
    .filter((name) => !/^(PRIMARY|FOREIGN|UNIQUE|CHECK|CONSTRAINT|KEY|INDEX)$/i.test(name))
    .map(bareName);
  return { table: bareName(found[1]), columns };
}

/** An INSERT statement with its values. @returns null for any other statement */
export function insertedRows(statement: string): InsertRows | null {
  const found = /^INSERT (?:OR \w+ |IGNORE )?INTO ([^\s(]+)\s*(?:\(([^)]*)\)\s*)?VALUES\s*/i.exec(
    statement,
  );
  if (!found?.[1]) return null;
  const columns = found[2] ? found[2].split(",").map((one) => bareName(one.trim())) : null;
  const tuples = splitOutside(statement.slice(found[0].length).replace(/;\s*$/, ""));
  const rows = tuples.map((tuple) =>
    splitOutside(tuple.trim().replace(/^\(/, "").replace(/\)$/, "")).map((text) => valueOf(text)),
  );
  return { table: bareName(found[1]), columns, rows };
}

/** Whether a statement that began earlier ends here: no string is open. */
export function isComplete(statement: string): boolean {
  return /;\s*$/.test(statement) && (withoutEscapes(statement).match(/'/g)?.length ?? 0) % 2 === 0;
}

/** Splits at commas that stand neither in a string nor in parentheses. */
function splitOutside(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted && char === "\\") at++;
    else if (char === "'") quoted = !quoted;
    else if (!quoted && char === "(") depth++;
    else if (!quoted && char === ")") depth--;
    else if (!quoted && depth === 0 && char === ",") {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

const withoutEscapes = (text: string): string => text.replace(/\\[\s\S]/g, "");

function valueOf(given: string): string | number | boolean | null {
  const text = given.trim().replace(/::[\w ]+$/, "");
  if (/^null$/i.test(text)) return null;
  if (/^(true|false)$/i.test(text)) return /^t/i.test(text);
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text);
  const string = /^E?'([\s\S]*)'$/i.exec(text)?.[1];
  if (string === undefined) return text;
  return string
    .replace(/''/g, "'")
    .replace(/\\(.)/g, (_all, char: string) => ESCAPES[char] ?? char);
}
