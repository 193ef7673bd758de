import { sql, type Expression, type RawBuilder } from "kysely";
import {
  COUNTED,
  DAY_MS,
  isWhole,
  partsOf,
  QUARTER_MS,
  WHOLE_QUARTER,
  type Span,
} from "../../../core/events/counts";
import type { EventFilter } from "../../../core/events/filters";
import type { Database } from "../types";
import { CountSettler } from "./count-settler";
import { eventsOf, KEY_LIST, KEY_OF, SUMS, type Keys, type Sums } from "./event-count-rows";

/**
 * How many events there are, without looking at them. Every change of an event adds a
 * row in its transaction; rows of a quarter are merged now and then ("settled"), and
 * added to their day's and to the one row of the whole quarter. These hold what the
 * settled quarters hold.
 */
export class EventCounts {
  private readonly settler: CountSettler;

  constructor(private readonly database: Database) {
    this.settler = new CountSettler(database);
  }

  /** Events that fit a filter of which counts know every part. */
  async total(filter: EventFilter): Promise<number> {
    const [row] = await this.read(filter, null, sql<{ count: number | null }>`sum(count) as count`);
    return Number(row?.count ?? 0);
  }

  /** Cameras that any event names. */
  async cameras(): Promise<string[]> {
    const what = sql<{ camera: string; events: number }>`camera_id as camera, sum(count) as events`;
    const found = await this.read({}, sql.raw("camera_id"), what);
    return found
      .filter(({ camera, events }) => camera !== "" && Number(events) > 0)
      .map(({ camera }) => camera)
      .sort();
  }

  /** Sums per camera, zone and decision ("" where there is none). */
  async sums(
    filter: EventFilter,
  ): Promise<(Sums & Pick<Keys, "camera_id" | "zone_id" | "decision">)[]> {
    await this.settler.settleRemovals(filter);
    const keys = sql.raw("camera_id, zone_id, decision");
    return this.read(filter, keys, sql`${keys}, ${SUMS}`);
  }

  /** Sums per quarter of an hour, or per day, that the range touches; oldest first. */
  async timeline(
    filter: EventFilter,
    by: "quarter" | "day",
  ): Promise<{ start: number; count: number; sum: number; rated: number }[]> {
    const size = by === "day" ? DAY_MS : QUARTER_MS;
    const bucket = sql`start - start % ${sql.lit(size)}`;
    const what = sql<{
      start: number;
      count: number;
      sum: number;
      rated: number;
    }>`${bucket} as start,
      sum(count) as count, sum(confidence_sum) as sum, sum(rated) as rated`;
    const rows = await this.read(filter, bucket, what, by === "day");
    return rows
      .map(({ start, count, sum, rated }) => ({
        start: Number(start),
        count: Number(count),
        sum: Number(sum),
        rated: Number(rated),
      }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => a.start - b.start);
  }

  /** Reads counts over a filter's range: days, quarters and what is left, grouped. */
  private async read<R>(
    filter: EventFilter,
    group: Expression<unknown> | null,
    what: RawBuilder<R>,
    byDays = true,
  ): Promise<R[]> {
    const { days, quarters, rest } = partsOf(filter);
    const wanted = sql.join(
      [
        sql`1 = 1`,
        ...COUNTED.flatMap((part) =>
          filter[part] === undefined ? [] : [sql`${sql.ref(KEY_OF[part])} = ${filter[part]}`],
        ),
      ],
      sql` and `,
    );
    const from = (table: RawBuilder<unknown>, where: RawBuilder<unknown>) =>
      sql`select start, ${KEY_LIST}, count, confidence_sum, rated, low, high from ${table} where ${where} and ${wanted}`;
    const rows = sql`event_counts`;
    const parts: RawBuilder<unknown>[] = quarters.map((span) =>
      from(rows, sql`span = ${sql.lit(QUARTER_MS)} and ${within("start", span)}`),
    );
    if (days && byDays) {
      parts.push(from(rows, sql`span = ${sql.lit(DAY_MS)} and ${within("start", days)}`));
      parts.push(from(rows, sql`settled = 0 and ${within("start", days)}`));
    } else if (days && isWhole(filter)) {
      // a year has 35,000 quarters, and a row for each camera and decision of each
      parts.push(from(rows, sql`span = ${sql.lit(WHOLE_QUARTER)} and ${within("start", days)}`));
      parts.push(from(rows, sql`settled = 0 and ${within("start", days)}`));
    } else if (days) {
      parts.push(from(rows, sql`span = ${sql.lit(QUARTER_MS)} and ${within("start", days)}`));
    }
    for (const span of rest) {
      parts.push(from(sql`(${eventsOf(within("occurred_at", span))}) as present`, sql`1 = 1`));
    }
    if (parts.length === 0) return []; // the end is before the start
    const all = sql.join(parts, sql` union all `);
    const grouped = group ? sql`group by ${group}` : sql``;
    const query = sql<R>`select ${what} from (${all}) as counted ${grouped}`;
    const { rows: found } = await query.execute(this.database.db);
    return found;
  }
}

function within(column: "start" | "occurred_at", { from, to }: Span): RawBuilder<unknown> {
  const parts = [sql`1 = 1`];
  if (from !== -Infinity) parts.push(sql`${sql.ref(column)} >= ${from}`);
  if (to !== Infinity) parts.push(sql`${sql.ref(column)} < ${to}`);
  return sql.join(parts, sql` and `);
}
