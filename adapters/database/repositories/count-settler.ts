import { sql, type Transaction } from "kysely";
import { DAY_MS, floor, QUARTER_MS, WHOLE_QUARTER } from "../../../core/events/counts";
import type { EventFilter } from "../../../core/events/filters";
import type { Schema } from "../schema";
import type { Database } from "../types";
import { eventsOf, KEY_LIST, KEYS, SUMS, type Keys, type Sums } from "./event-count-rows";

interface Bucket {
  transaction: Transaction<Schema>;
  span: number;
  start: number;
}

type Bounds = Pick<Sums, "low" | "high">;
type MarkedRow = Keys & Sums & { settled: number; least: number };

/**
 * Merges rows of counts. Writers only add rows and never wait for this; several
 * processes may merge at once, since each takes only rows that it has marked.
 */
export class CountSettler {
  constructor(private readonly database: Database) {}

  /** Merges what has come since; oldest quarters first. @returns quarters that were merged */
  async settle(limit = 200): Promise<number> {
    const starts = await this.database.db
      .selectFrom("event_counts")
      .select("start")
      .distinct()
      .where("settled", "=", 0)
      .orderBy("start")
      .limit(limit)
      .execute();
    for (const { start } of starts) await this.settleQuarter(start);
    return starts.length;
  }

  /** Least and greatest confidence are known again only after a removal is settled. */
  async settleRemovals(filter: EventFilter): Promise<void> {
    const rows = await this.database.db
      .selectFrom("event_counts")
      .select("start")
      .distinct()
      .where("settled", "=", 0)
      .where("count", "<", 0)
      .where("start", ">=", floor(filter.from ?? 0, QUARTER_MS))
      .where("start", "<=", filter.to ?? Number.MAX_SAFE_INTEGER)
      .execute();
    for (const { start } of rows) await this.settleQuarter(start);
  }

  private async settleQuarter(start: number): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const quarter = { transaction, span: QUARTER_MS, start };
      // what comes from here on stays unsettled and is not touched
      if ((await this.mark(quarter, 0, 2)) === 0) return;
      await this.mark(quarter, 1, 3);
      const rows = await this.take(quarter);
      const removed = rows.some((row) => row.settled === 2 && row.least < 0);
      const bounds = removed ? await this.boundsOfEvents(transaction, start) : null;
      await this.put(quarter, merged(rows, bounds));

      const day = { transaction, span: DAY_MS, start: floor(start, DAY_MS) };
      await this.mark(day, 1, 3);
      const news = rows.filter((row) => row.settled === 2);
      const ofDay = [...(await this.take(day)), ...news];
      const dayBounds = removed ? await this.boundsOfQuarters(transaction, day.start) : null;
      await this.put(day, merged(ofDay, dayBounds));

      const whole = { transaction, span: WHOLE_QUARTER, start };
      await this.mark(whole, 1, 3);
      await this.put(whole, merged([...(await this.take(whole)), ...news].map(withoutKeys), null));
    });
  }

  private async mark({ transaction, span, start }: Bucket, from: number, to: number) {
    const result = await transaction
      .updateTable("event_counts")
      .set({ settled: to })
      .where("span", "=", span)
      .where("start", "=", start)
      .where("settled", "=", from)
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  /** Reads the marked rows, summed per key, and deletes them. */
  private async take({ transaction, span, start }: Bucket): Promise<MarkedRow[]> {
    const where = sql`span = ${span} and start = ${start} and settled in (2, 3)`;
    const { rows } = await sql<MarkedRow>`select ${KEY_LIST}, settled, min(count) as least, ${SUMS}
      from event_counts where ${where} group by ${KEY_LIST}, settled`.execute(transaction);
    await sql`delete from event_counts where ${where}`.execute(transaction);
    return rows.map((row) => ({ ...row, ...numbers(row), least: Number(row.least) }));
  }

  private async put({ transaction, span, start }: Bucket, rows: (Keys & Sums)[]): Promise<void> {
    if (rows.length === 0) return;
    const values = rows.map((row) => ({ span, start, settled: 1, ...row }));
    await transaction.insertInto("event_counts").values(values).execute();
  }

  private async boundsOfEvents(transaction: Transaction<Schema>, start: number) {
    const { rows } = await sql<
      Keys & Bounds
    >`select ${KEY_LIST}, min(confidence) as low, max(confidence) as high
      from (${eventsOf(sql`occurred_at >= ${start} and occurred_at < ${start + QUARTER_MS}`)}) as present
      group by ${KEY_LIST}`.execute(transaction);
    return rows;
  }

  private async boundsOfQuarters(transaction: Transaction<Schema>, day: number) {
    const { rows } = await sql<Keys & Bounds>`select ${KEY_LIST}, min(low) as low, max(high) as high
      from event_counts where span = ${QUARTER_MS} and start >= ${day} and start < ${day + DAY_MS}
      group by ${KEY_LIST}`.execute(transaction);
    return rows;
  }
}

/** One row per key; where something was removed, least and greatest as they are now. */
function merged(rows: (Keys & Sums)[], bounds: (Keys & Bounds)[] | null): (Keys & Sums)[] {
  const sums = new Map<string, Keys & Sums>();
  for (const row of rows) {
    const name = nameOf(row);
    const into = sums.get(name);
    if (!into) sums.set(name, { ...keysOf(row), ...numbers(row) });
    else {
      into.count += row.count;
      into.confidence_sum += row.confidence_sum;
      into.rated += row.rated;
      into.low = extreme(Math.min, into.low, row.low);
      into.high = extreme(Math.max, into.high, row.high);
    }
  }
  if (bounds) {
    const known = new Map(bounds.map((row) => [nameOf(row), row]));
    for (const [name, row] of sums) {
      const { low = null, high = null } = known.get(name) ?? {};
      Object.assign(row, { low, high });
    }
  }
  return [...sums.values()].filter((row) => row.count !== 0);
}

/** What a row adds to the sum of everything; bounds are not kept there. */
function withoutKeys(row: Keys & Sums): Keys & Sums {
  const keys = Object.fromEntries(KEYS.map((key) => [key, ""])) as Keys;
  return { ...row, ...keys, low: null, high: null };
}

function keysOf(row: Keys): Keys {
  return Object.fromEntries(KEYS.map((key) => [key, row[key]])) as Keys;
}

function nameOf(row: Keys): string {
  return JSON.stringify(KEYS.map((key) => row[key]));
}

function numbers({ count, confidence_sum, rated, low, high }: Sums): Sums {
  return {
    count: Number(count),
    confidence_sum: Number(confidence_sum),
    rated: Number(rated),
    low,
    high,
  };
}

function extreme(pick: (a: number, b: number) => number, a: number | null, b: number | null) {
  return a === null || b === null ? (a ?? b) : pick(a, b);
}
