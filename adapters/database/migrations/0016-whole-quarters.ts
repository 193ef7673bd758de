import { sql, type Kysely, type Migration } from "kysely";

/**
 * One row for each quarter of an hour that adds up all its rows: with them the hours of
 * a year are 35,000 rows, without them one for each camera and decision of each.
 */
export const wholeQuarters: Migration = { up: fillWholeQuarters };

/** Adds up what is settled; what is not comes along when it is. */
export async function fillWholeQuarters(db: Kysely<unknown>): Promise<void> {
  const quarter = 900_000;
  await sql`insert into event_counts (span, start, settled, camera_id, zone_id, lane_id, site_id,
      decision, source, count, confidence_sum, rated)
    select ${sql.lit(-quarter)}, start, 1, '', '', '', '', '', '',
      sum(count), sum(confidence_sum), sum(rated)
    from (select start, count, confidence_sum, rated from event_counts
      where span = ${sql.lit(quarter)} and settled = 1) as known
    group by start`.execute(db);
}
