import { sql, type Compilable, type Insertable, type RawBuilder } from "kysely";
import { floor, QUARTER_MS, type COUNTED } from "../../../core/events/counts";
import type { NewEvent, StoredEvent } from "../../../core/events/event";
import type { EventCountsTable } from "../schema";
import type { Database } from "../types";

/** What counts are kept by, as columns; absent is "". */
export const KEYS = ["camera_id", "zone_id", "lane_id", "site_id", "decision", "source"] as const;
export type Keys = Record<(typeof KEYS)[number], string>;
export const KEY_LIST = sql.raw(KEYS.join(", "));

export const KEY_OF = {
  cameraId: "camera_id",
  zoneId: "zone_id",
  laneId: "lane_id",
  siteId: "site_id",
  decision: "decision",
  source: "source",
} as const satisfies Record<(typeof COUNTED)[number], (typeof KEYS)[number]>;

/** Sums of some counted events. */
export interface Sums {
  count: number;
  confidence_sum: number;
  rated: number;
  low: number | null;
  high: number | null;
}

type Countable = Pick<
  NewEvent | StoredEvent,
  "timestamp" | "cameraId" | "zoneId" | "laneId" | "siteId" | "decision" | "source" | "confidence"
>;

/** The row that counts an event in (1) or out (-1), written in the event's own transaction. */
export function countRow(event: Countable, change: 1 | -1): Insertable<EventCountsTable> {
  const { confidence } = event;
  return {
    span: QUARTER_MS,
    start: floor(event.timestamp, QUARTER_MS),
    settled: 0,
    camera_id: event.cameraId ?? "",
    zone_id: event.zoneId ?? "",
    lane_id: event.laneId ?? "",
    site_id: event.siteId ?? "",
    decision: event.decision ?? "",
    source: event.source,
    count: change,
    confidence_sum: change * (confidence ?? 0),
    rated: confidence === null ? 0 : change,
    low: change > 0 ? confidence : null,
    high: change > 0 ? confidence : null,
  };
}

/** Rows for an event that changed; none where nothing that is counted did. */
export function countChange(before: Countable, after: Countable): Insertable<EventCountsTable>[] {
  const [out, into] = [countRow(before, -1), countRow(after, 1)];
  const same =
    before.confidence === after.confidence &&
    out.start === into.start &&
    KEYS.every((key) => out[key] === into[key]);
  return same ? [] : [out, into];
}

/** The statement that counts events out which the same transaction deletes. */
export function countOut({ db, dialect }: Database, ids: string[], held: number[]): Compilable {
  return db
    .insertInto("event_counts")
    .columns([
      "span",
      "start",
      "settled",
      ...KEYS,
      "count",
      "confidence_sum",
      "rated",
      "low",
      "high",
    ])
    .expression((eb) => {
      const rows = eb
        .selectFrom("events")
        .where("id", "in", ids)
        .where("held", "in", held)
        .select([
          sql.lit(QUARTER_MS).as("span"),
          sql<number>`occurred_at - occurred_at % ${sql.lit(QUARTER_MS)}`.as("start"),
          sql.lit(0).as("settled"),
          ...KEYS.map((key) => eb.fn.coalesce(key, sql.lit("")).as(key)),
          sql.lit(-1).as("count"),
          sql<number>`-coalesce(confidence, 0)`.as("confidence_sum"),
          sql<number>`case when confidence is null then 0 else -1 end`.as("rated"),
          sql<number | null>`null`.as("low"),
          sql<number | null>`null`.as("high"),
        ]);
      // nobody may change them between being counted and being deleted
      return dialect === "sqlite" ? rows : rows.forUpdate();
    });
}

/** The sums of rows of counts. */
export const SUMS: RawBuilder<Sums & Keys> = sql.raw<Sums & Keys>(
  `sum(count) as count, sum(confidence_sum) as confidence_sum, sum(rated) as rated,
   min(low) as low, max(high) as high`,
);

/** Events as rows of counts. */
export function eventsOf(where: RawBuilder<unknown>): RawBuilder<unknown> {
  const keys = sql.join(KEYS.map((key) => sql`coalesce(${sql.ref(key)}, '') as ${sql.ref(key)}`));
  return sql`select occurred_at - occurred_at % ${sql.lit(QUARTER_MS)} as start, ${keys}, 1 as count,
    coalesce(confidence, 0) as confidence_sum, case when confidence is null then 0 else 1 end as rated,
    confidence as low, confidence as high, confidence from events where ${where}`;
}
