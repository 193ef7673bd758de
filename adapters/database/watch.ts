import type { LogEvent } from "kysely";
import { counter, histogram } from "../metrics/metrics";
import type { DatabaseOptions } from "./types";

/** A statement that takes longer is written to the log, in milliseconds. */
const SLOW_MS = 250;
/** So much of a statement is logged. Its values never are: they may be plates or secrets. */
const SHOWN = 500;

const durations = histogram(
  "plategate_database_seconds",
  "How long the database takes, as seen by who asks",
  ["operation"],
);
const slow = counter("plategate_database_slow_total", "Statements slower than 250 ms");

/** Measures statements and tells of slow ones. */
export function statementWatch(log: DatabaseOptions["log"]): {
  log: (event: LogEvent) => void;
  batch: (count: number, ms: number) => void;
} {
  const note = (operation: string, ms: number, what: () => string): void => {
    durations.observe({ operation }, ms / 1000);
    if (ms < SLOW_MS) return;
    slow.inc();
    log("warn", `slow query, ${Math.round(ms)} ms: ${what()}`);
  };
  return {
    log: ({ query, queryDurationMillis }) =>
      note(operationOf(query.sql), queryDurationMillis, () => query.sql.slice(0, SHOWN)),
    batch: (count, ms) => note("batch", ms, () => `${count} statements in one transaction`),
  };
}

function operationOf(sql: string): string {
  const word = /^\s*\(?(\w+)/.exec(sql)?.[1]?.toLowerCase() ?? "";
  return ["select", "insert", "update", "delete"].includes(word) ? word : "other";
}
