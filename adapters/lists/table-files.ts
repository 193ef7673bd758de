import { open, writeFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import type { Cell } from "../../core/access/import-values";
import { hasPlateHeading } from "../../core/access/vehicle-columns";
import { storedZip, unpackZip } from "./zip";

/** Bigger files are no lists of vehicles. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_LINES = 500_000;
/** Rows times columns of a sheet. */
const MAX_CELLS = 20_000_000;
/** Where a row or a cell of a sheet says that it stands: "7", "AB7". */
const PLACED = /<(?:\w+:)?(?:row|c)\s[^<>]*?\br\s*=\s*["']([^"']*)/g;
/** What an XLSX file may be when unpacked, pictures aside. */
const MAX_UNPACKED = 128 * 1024 * 1024;

export type TableFormat = "csv" | "xlsx";

/** A table as it stands in a file, with the number of each line as people count them. */
export interface Table {
  format: TableFormat;
  headings: string[];
  rows: { line: number; cells: Cell[] }[];
}

/** A file that cannot be read as a table. */
export class TableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TableError";
  }
}

/**
 * Reads a CSV file (comma, semicolon or tab; UTF-8, UTF-16 or a Windows code page) or the
 * first sheet of an XLSX file, told apart by its content. The first line has the headings.
 */
export async function readTable(file: string): Promise<Table> {
  return parseTable(await readBounded(file));
}

/** {@link readTable} for a content that is in memory. @throws TableError */
export async function parseTable(content: Buffer): Promise<Table> {
  const format = content.subarray(0, 4).equals(Buffer.from("PK\u0003\u0004")) ? "xlsx" : "csv";
  const rows = format === "xlsx" ? await xlsxRows(content) : csvRows(content);
  const [first, ...rest] = rows.filter(({ cells }) => cells.some((cell) => cell !== ""));
  if (!first) throw new TableError("the file is empty");
  if (rest.length > MAX_LINES) throw new TableError(`more than ${MAX_LINES} lines`);
  return { format, headings: first.cells.map((cell) => String(cell).trim()), rows: rest };
}

async function readBounded(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > MAX_BYTES) throw new TableError("the file is larger than 64 MB");
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function xlsxRows(content: Buffer): Promise<Table["rows"]> {
  const { readSheet } = await import("read-excel-file/node");
  try {
    const sheet = await readSheet(await boundedXlsx(content));
    return sheet.map((row, i) => ({ line: i + 1, cells: row.map(xlsxCell) }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TableError(`not a readable XLSX file: ${reason}`);
  }
}

/**
 * The same file, known to be no more than it may be: a few kilobytes may hold gigabytes
 * of text, or one cell so far out that the table up to it fills the memory.
 */
async function boundedXlsx(content: Buffer): Promise<Buffer> {
  const entries = await unpackZip(content, MAX_UNPACKED, (name) => /\.(xml|rels)$/i.test(name));
  let rows = 1;
  let columns = 1;
  for (const entry of entries) {
    for (const [, where = ""] of entry.content.toString("latin1").matchAll(PLACED)) {
      const [, letters, row] = /^([A-Z]{0,3})(\d{1,7})$/.exec(where) ?? [];
      rows = Math.max(rows, Number(row));
      columns = Math.max(columns, columnOf(letters ?? ""));
      // Not ">": what is not understood is no number.
      if (!(rows * columns <= MAX_CELLS)) {
        throw new TableError(`a cell stands too far out: ${where.slice(0, 20)}`);
      }
    }
  }
  return storedZip(entries);
}

/** "A" is 1, "AB" is 28; 0 for none. */
function columnOf(letters: string): number {
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}

function xlsxCell(value: unknown): Cell {
  if (value instanceof Date) return value;
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function csvRows(content: Buffer): Table["rows"] {
  const text = decodeText(content);
  try {
    const records = parse(text, {
      delimiter: delimiterOf(text),
      bom: true,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    return records.map(({ info, record }) => ({
      line: info.lines,
      cells: record.map(withoutFormulaGuard),
    }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TableError(`not a readable CSV file: ${reason}`);
  }
}

/** Spreadsheets and our own export put an apostrophe before what would be a formula. */
function withoutFormulaGuard(cell: string): string {
  return /^'[=+\-@\t]/.test(cell) ? cell.slice(1) : cell;
}

/** UTF-8, else UTF-16 with its mark, else the Windows code page in which the headings make sense. */
function decodeText(content: Buffer): string {
  if (content.includes(0) && !/^(\xff\xfe|\xfe\xff)/.test(content.toString("latin1", 0, 2))) {
    throw new TableError("neither a CSV nor an XLSX file");
  }
  if (content[0] === 0xff && content[1] === 0xfe) return decoded(content, "utf-16le");
  if (content[0] === 0xfe && content[1] === 0xff) return decoded(content, "utf-16be");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    const thai = decoded(content, "windows-874");
    const [heading = ""] = thai.split(/\r?\n/, 1);
    const isThai = hasPlateHeading(heading.split(delimiterOf(heading)));
    return isThai && /\p{Script=Thai}/u.test(thai) ? thai : decoded(content, "windows-1252");
  }
}

function decoded(content: Buffer, encoding: string): string {
  return new TextDecoder(encoding).decode(content);
}

function delimiterOf(text: string): string {
  const [first = ""] = text.split(/\r?\n/, 1);
  const plain = first.replace(/"[^"]*"/g, "");
  const count = (mark: string): number => plain.split(mark).length;
  return [",", ";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

/** The format that a file's name asks for. */
export function formatOf(file: string): TableFormat {
  if (/\.xlsx$/i.test(file)) return "xlsx";
  if (/\.csv$/i.test(file)) return "csv";
  throw new TableError(`the name must end in .csv or .xlsx: ${file}`);
}

/** A table as CSV text: UTF-8 with a mark, so that spreadsheets show Thai; no cell is a formula. */
export function toCsv(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return stringify([headings, ...rows] as string[][], {
    bom: true,
    record_delimiter: "windows",
    escape_formulas: true,
  });
}

/** The content of a file that holds a table, every cell as text. */
export async function tableContent(
  format: TableFormat,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<Buffer> {
  if (format === "csv") return Buffer.from(toCsv(headings, rows));
  const { default: writeSheet } = await import("write-excel-file/node");
  const cells = [headings, ...rows].map((row) => row.map((value) => ({ type: String, value })));
  return writeSheet(cells).toBuffer();
}

/** Writes a table into a file, every cell as text. */
export async function writeTable(
  file: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  await writeFile(file, await tableContent(formatOf(file), headings, rows));
}
