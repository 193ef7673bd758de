import { parse } from "csv-parse";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { createInterface } from "node:readline";
import type { Row } from "../../core/migrate/fields";
import {
  copyCells,
  copyHead,
  createdColumns,
  escapesEverywhere,
  insertedRows,
  StatementReader,
} from "../../core/migrate/sql-values";

/** A row with where it stands: the line of the file, of JSON the place in its list. */
export interface PlacedRow {
  table: string;
  line: number;
  row: Row;
  /** Why there is no row that can be read at this place. */
  fault?: string;
}

/** JSON is read whole. */
const MAX_JSON = 512 * 1024 * 1024;
/** A statement longer than this is none of a dump. */
const MAX_STATEMENT = 64 * 1024 * 1024;

/**
 * The rows of an exported file: CSV (named for its table), JSON (a list, an object of lists, or
 * a page with `items`), JSON lines, or a SQL dump in plain text.
 * @param table the table of a file that names none
 * @throws Error for a file of another kind, or one that is broken
 */
export function readTables(path: string, table?: string): AsyncGenerator<PlacedRow> {
  const kind = extname(path).toLowerCase();
  const name = table ?? basename(path, extname(path));
  if (kind === ".csv") return csvRows(path, name);
  if (kind === ".json") return jsonRows(path, table, name);
  if (kind === ".jsonl" || kind === ".ndjson") return jsonLines(path, name);
  if (kind === ".sql" || kind === ".dump") return dumpRows(path);
  throw new Error(`${basename(path)}: a file ending in .csv, .json, .jsonl or .sql is needed`);
}

async function* csvRows(path: string, table: string): AsyncGenerator<PlacedRow> {
  const rows = createReadStream(path).pipe(
    parse({ columns: true, bom: true, relax_column_count: true, info: true, trim: true }),
  );
  for await (const { record, info } of rows as AsyncIterable<{
    record: Row;
    info: { lines: number };
  }>) {
    yield { table, line: info.lines, row: record };
  }
}

async function* jsonRows(
  path: string,
  table: string | undefined,
  name: string,
): AsyncGenerator<PlacedRow> {
  const { size } = await stat(path);
  if (size > MAX_JSON) throw new Error("this JSON file is too large: write one object a line");
  const content: unknown = JSON.parse(await readFile(path, "utf8"));
  const lists: [string, unknown][] = Array.isArray(content)
    ? [[name, content]]
    : Object.entries(content ?? {}).map(([key, list]) => [
        key === "items" || key === "data" ? name : key,
        list,
      ]);
  for (const [key, list] of lists) {
    if (!Array.isArray(list)) continue;
    for (const [index, row] of list.entries()) {
      yield placed(table ?? key, index + 1, row);
    }
  }
}

async function* jsonLines(path: string, table: string): AsyncGenerator<PlacedRow> {
  let line = 0;
  for await (const text of linesOf(path)) {
    line++;
    if (text.trim() === "") continue;
    yield placed(table, line, parsed(text.replace(/^\ufeff/, "")));
  }
}

/** Undefined for what is not JSON: one broken line does not spoil the others. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function placed(table: string, line: number, row: unknown): PlacedRow {
  if (isRow(row)) return { table, line, row };
  const fault = row === undefined ? "not JSON: the line is broken" : "not an object with columns";
  return { table, line, row: {}, fault };
}

const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const linesOf = (path: string) =>
  createInterface({ input: createReadStream(path), crlfDelay: Infinity });

async function* dumpRows(path: string): AsyncGenerator<PlacedRow> {
  const created = new Map<string, string[]>();
  let copy: { table: string; columns: string[] } | null = null;
  const statement = new StatementReader();
  let escapes = false;
  let line = 0;
  let began = 0;
  for await (const text of linesOf(path)) {
    line++;
    if (line === 1 && text.startsWith("PGDMP")) {
      throw new Error("this dump is in PostgreSQL's own format: make a plain one (pg_dump -Fp)");
    }
    if (copy) {
      if (text === "\\.") copy = null;
      else yield { table: copy.table, line, row: rowOf(copy.columns, copyCells(text)) };
      continue;
    }
    if (statement.length === 0) {
      escapes ||= escapesEverywhere(text);
      began = line;
      copy = copyHead(text);
      if (copy || !/^(INSERT|CREATE TABLE) /i.test(text)) continue;
    }
    const whole = statement.push(text, escapes);
    if (statement.length > MAX_STATEMENT) throw new Error(`line ${began}: no end of a statement`);
    if (whole === null) continue;
    const table = createdColumns(whole, escapes);
    if (table) created.set(table.table, table.columns);
    yield* insertedOf(whole, escapes, created, began);
  }
  if (copy || statement.length > 0) {
    throw new Error(`line ${began}: what begins here has no end: is the file cut off?`);
  }
}

function* insertedOf(
  statement: string,
  escapes: boolean,
  created: ReadonlyMap<string, string[]>,
  line: number,
): Generator<PlacedRow> {
  const inserted = insertedRows(statement, escapes);
  if (!inserted) return;
  const columns = inserted.columns ?? created.get(inserted.table) ?? [];
  for (const cells of inserted.rows) {
    yield { table: inserted.table, line, row: rowOf(columns, cells) };
  }
}

function rowOf(columns: readonly string[], cells: readonly unknown[]): Row {
  return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? null]));
}
