import { sql, type Kysely } from "kysely";
import { QUARTER_MS } from "../../../core/events/counts";
import { fillEventCounts } from "../migrations/0003-event-counts";
import { fillWholeQuarters } from "../migrations/0016-whole-quarters";
import { withoutTimeLimit } from "../migrations/define";
import type { Database } from "../types";

export interface Rebuilt {
  /** What the counts said before, and what the events are. */
  before: number;
  events: number;
}

/** Counts what is stored into counts that are empty. */
export async function countAnew(db: Kysely<unknown>): Promise<void> {
  await fillEventCounts(db);
  await fillWholeQuarters(db);
}

/**
 * Makes the counts anew of the events that are stored, in one transaction. On SQLite and
 * PostgreSQL others may store meanwhile: they wait, and their events are counted once. On
 * MySQL and MariaDB, whose reads and writes do not see the same events, nobody else may.
 */
export function rebuildEventCounts(database: Database): Promise<Rebuilt> {
  return database.transaction(async (transaction) => {
    await withoutTimeLimit(transaction as never, database.dialect);
    if (database.dialect === "postgres") {
      await sql`lock table event_counts in exclusive mode`.execute(transaction);
    }
    // A write before the first read: SQLite then lets no other writer in between.
    await sql`delete from event_counts where count = 0`.execute(transaction);
    const total = async (): Promise<number> => {
      const { rows } = await sql<{ events: number | null }>`select sum(count) as events
        from event_counts where span = ${sql.lit(QUARTER_MS)}`.execute(transaction);
      return Number(rows[0]?.events ?? 0);
    };
    const before = await total();
    await transaction.deleteFrom("event_counts").execute();
    await countAnew(transaction as never);
    return { before, events: await total() };
  });
}
