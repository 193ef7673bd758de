import type { ImportLine } from "../access/import-vehicles";
import { type Cell, readStatus } from "../access/import-values";
import type { VehicleStatus } from "../access/types";
import { firstColumns, type VehicleField } from "../access/vehicle-columns";
import { type Row, timeOf } from "./fields";

/** Columns that say by yes or no whether a vehicle may come; compared as {@link wordOf} gives them. */
const MUST_BE_YES = /^(is)?(active|enabled|allowed|approved|authori[sz]ed)$/;
const MUST_BE_NO: readonly [RegExp, VehicleStatus][] = [
  [/^(is)?(blocked|banned|barred|blacklisted|denied)$|^(is|on)?blacklist$/, "blocked"],
  [/^(blocked|banned|blacklisted)at$/, "blocked"],
  [/^(is)?(suspended|disabled|inactive|deleted|archived|expired|revoked)$/, "suspended"],
  [/^(suspended|disabled|deactivated|deleted|archived|revoked)at$/, "suspended"],
];
/** PostgreSQL writes t and f, SQLite 1 and 0, MySQL a bit as a character of that number. */
const YES = /^(t|true|y|yes|on|1|\u0001|active|enabled|allowed|ใช่|ใช้งาน)$/i;
const NO = /^(f|false|n|no|off|0|\0|none)$/i;

/** A vehicle of another system, with the columns that nothing was taken from. */
export interface VehicleCells {
  /** Null where no column is the plate. */
  cells: ImportLine["cells"] | null;
  ignored: string[];
}

/**
 * What a row says of a vehicle, in the fields of our own list. A vehicle that any column bars
 * does not come in as an active one, whatever the others say: gates open for those.
 */
export function vehicleCells(row: Row): VehicleCells {
  const headings = Object.keys(row);
  const { fields, ignored } = firstColumns(headings);
  if (!fields.includes("plate")) return { cells: null, ignored };
  const cells: ImportLine["cells"] = {};
  for (const [index, field] of fields.entries()) {
    if (field) cells[field] = cellOf(row, headings[index] ?? "", field);
  }
  const bars = ignored.map((heading) => barOf(heading, textOf(row[heading])));
  const barred = strictest(bars);
  // A status with another meaning stays: it is refused with its reason.
  if (barred === "blocked" || (barred && isActive(cells.status))) cells.status = barred;
  return { cells, ignored: ignored.filter((_, index) => bars[index] === undefined) };
}

/** @returns null where the column bars nobody; undefined where it is about something else */
function barOf(heading: string, text: string): VehicleStatus | null | undefined {
  const word = wordOf(heading);
  if (MUST_BE_YES.test(word)) return text === "" || YES.test(text) ? null : "suspended";
  const status = MUST_BE_NO.find(([pattern]) => pattern.test(word))?.[1];
  if (status === undefined) return undefined;
  return text === "" || NO.test(text) ? null : status;
}

const strictest = (bars: readonly (VehicleStatus | null | undefined)[]): VehicleStatus | null =>
  bars.includes("blocked") ? "blocked" : (bars.find((bar) => bar === "suspended") ?? null);

function isActive(status: Cell | undefined): boolean {
  try {
    return readStatus(typeof status === "string" ? status : "") === "active";
  } catch {
    return false;
  }
}

const wordOf = (heading: string): string => heading.toLowerCase().replace(/[^a-z]/g, "");

function cellOf(row: Row, heading: string, field: VehicleField): string {
  const value = row[heading];
  const text = textOf(value);
  if (field === "status" && (YES.test(text) || NO.test(text))) {
    return YES.test(text) ? "active" : "suspended";
  }
  if (field === "valid_from" || field === "valid_until") return dateOf(row, heading, text);
  if (field === "tags" || field === "groups" || field === "lanes" || field === "credentials") {
    return text.replace(/^[[{]|[\]}]$/g, "").replaceAll('"', "");
  }
  return text;
}

/** A day stays one (its edge depends on the site's zone), an instant becomes one with its zone. */
function dateOf(row: Row, heading: string, text: string): string {
  if (!/^\d{4}-\d\d-\d\d[ T]\d|^\d{9,}(\.\d+)?$/.test(text)) return text;
  const at = timeOf(row, heading);
  return at === null ? text : new Date(at).toISOString();
}

/** Flags and lists as files without them write them. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(";");
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  return typeof value === "string" ? value.trim() : "";
}
