import type { UsageRepository } from "../../../core/licence/ports";
import type { Database } from "../types";
import { orIgnore } from "./rows";

/** What was reported as used, per month, in the database. */
export class DatabaseUsage implements UsageRepository {
  constructor(private readonly database: Database) {}

  async add(month: string, amounts: Readonly<Record<string, number>>, now: number): Promise<void> {
    const { db, dialect } = this.database;
    const metrics = Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1));
    // Rows first, by themselves: MySQL locks a row that it leaves alone, and would
    // wait for itself where two callers then change it. In one order for the same reason.
    await this.database.batch(
      metrics.map(([metric]) =>
        orIgnore(
          dialect,
          db.insertInto("usage_counts").values({ month, metric, value: 0, updated_at: now }),
        ),
      ),
    );
    await this.database.batch(
      metrics.map(([metric, amount]) =>
        db
          .updateTable("usage_counts")
          .set((eb) => ({ value: eb("value", "+", amount), updated_at: now }))
          .where("month", "=", month)
          .where("metric", "=", metric),
      ),
    );
  }

  async of(month: string): Promise<Record<string, number>> {
    const rows = await this.database.db
      .selectFrom("usage_counts")
      .select(["metric", "value"])
      .where("month", "=", month)
      .execute();
    return Object.fromEntries(rows.map(({ metric, value }) => [metric, value]));
  }
}
