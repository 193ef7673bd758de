import { sql, type Kysely } from "kysely";
import type { DialectName } from "../types";
import { createIndex, createTable, type TableSpec } from "./define";

/** How many events there are, per quarter of an hour and per day (docs/storage.md). */
const eventCounts: TableSpec = {
  name: "event_counts",
  columns: {
    id: "serial",
    span: "int",
    start: "ms",
    settled: "flag",
    camera_id: "id",
    zone_id: "id",
    lane_id: "id",
    site_id: "id",
    decision: "short",
    source: "short",
    count: "int",
    confidence_sum: "real",
    rated: "int",
    low: "real?",
    high: "real?",
  },
  primary: ["id"],
  indexes: [
    // holds what time lines add up
    ["span", "start", "camera_id", "zone_id", "decision", "count", "confidence_sum", "rated"],
    ["settled", "start"],
  ],
};

/** Longest plate text, in characters (core/plates). */
const PLATE_LENGTH = 32;

/** Counts of events, indexes that hold what lists filter by, and two-character parts of plates. */
export async function eventCountsMigration(
  db: Kysely<unknown>,
  dialect: DialectName,
): Promise<void> {
  await createTable(db, dialect, eventCounts);
  await fillEventCounts(db);
  for (const columns of [
    ["lane_id", "occurred_at"],
    ["camera_id", "occurred_at", "id", "zone_id", "plate_text", "confidence"],
    ["zone_id", "occurred_at", "id", "plate_text", "confidence"],
    ["occurred_at", "id", "camera_id", "zone_id", "plate_text", "confidence"],
    ["plate_text", "occurred_at", "id", "camera_id", "zone_id", "confidence"],
    ["confidence", "id", "occurred_at", "camera_id", "zone_id"],
  ]) {
    await createIndex(db, "events", columns, false);
  }
  for (const name of [
    "occurred_at_id",
    "camera_id_occurred_at",
    "zone_id_occurred_at",
    "plate_text_occurred_at",
    "confidence_occurred_at",
  ]) {
    const drop = db.schema.dropIndex(`events_${name}`);
    await (dialect === "mysql" ? drop.on("events") : drop).execute();
  }
  await addShortParts(db, dialect);
}

/** Counts what is stored already, into empty counts. */
export async function fillEventCounts(db: Kysely<unknown>): Promise<void> {
  const quarter = 900_000;
  const day = 86_400_000;
  const columns = sql.raw(
    "span, start, settled, camera_id, zone_id, lane_id, site_id, decision, source, count, confidence_sum, rated, low, high",
  );
  const keys = sql.raw("camera_id, zone_id, lane_id, site_id, decision, source");
  await sql`insert into event_counts (${columns})
    select ${sql.lit(quarter)}, start, 1, ${keys}, count(*), coalesce(sum(confidence), 0),
      count(confidence), min(confidence), max(confidence)
    from (select occurred_at - occurred_at % ${sql.lit(quarter)} as start,
        coalesce(camera_id, '') as camera_id, coalesce(zone_id, '') as zone_id,
        coalesce(lane_id, '') as lane_id, coalesce(site_id, '') as site_id,
        coalesce(decision, '') as decision, source, confidence
      from events) as known
    group by start, ${keys}`.execute(db);
  await sql`insert into event_counts (${columns})
    select ${sql.lit(day)}, day, 1, ${keys}, sum(count), sum(confidence_sum),
      sum(rated), min(low), max(high)
    from (select start - start % ${sql.lit(day)} as day, ${keys}, count, confidence_sum, rated, low, high
      from event_counts) as known
    group by day, ${keys}`.execute(db);
}

async function addShortParts(db: Kysely<unknown>, dialect: DialectName): Promise<void> {
  const ignore = sql.raw(dialect === "mysql" ? "ignore" : "");
  const orNothing = sql.raw(dialect === "mysql" ? "" : "on conflict do nothing");
  await sql`insert ${ignore} into plate_grams (gram, plate_text)
    select distinct plate_text, plate_text from events where length(plate_text) = 2 ${orNothing}`.execute(
    db,
  );
  for (let at = 1; at < PLATE_LENGTH; at++) {
    await sql`insert ${ignore} into plate_grams (gram, plate_text)
      select distinct substr(plate_text, ${sql.lit(at)}, 2), plate_text from plate_grams
      where length(substr(plate_text, ${sql.lit(at)}, 2)) = 2 ${orNothing}`.execute(db);
  }
}
