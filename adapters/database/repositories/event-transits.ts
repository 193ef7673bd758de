import { sql, type RawBuilder } from "kysely";
import type { TransitQuery, Transits } from "../../../core/map/flows";
import type { Database } from "../types";
import { EventCounts } from "./event-counts";
import { inSample, SAMPLE, SAMPLE_FROM, SAMPLED } from "./event-statistics";

/** Times are told in so many steps over the longest gap, none shorter than a second. */
const STEPS = 720;

interface Row {
  origin: string;
  goal: string;
  ms: number;
  count: number;
}

/**
 * How vehicles went from camera to camera, from an index alone (so what is at the same time is
 * ordered by camera, which it holds, and not by id). Of very many passages one
 * plate in ten is looked at, all passages of it: the shares and times are the same.
 */
export async function eventTransits(
  database: Database,
  { from, to, maxGapMs }: TransitQuery,
): Promise<Transits> {
  const total = await new EventCounts(database).total({ from, to });
  const sample = total > SAMPLE_FROM ? SAMPLE : 1;
  const step = Math.max(1000, Math.ceil(maxGapMs / STEPS / 1000) * 1000);
  const events = sample === 1 ? sql`events` : sql.raw(SAMPLED[database.dialect]);
  const looked: RawBuilder<unknown> = sample === 1 ? sql`` : sql`and ${inSample(database.dialect)}`;
  const { rows } = await sql<Row>`
    select origin, goal, gap - gap % ${sql.lit(step)} as ms, count(*) as count
    from (
      select camera_id as goal,
        lag(camera_id) over (partition by plate_text order by occurred_at, camera_id) as origin,
        occurred_at - lag(occurred_at) over (partition by plate_text order by occurred_at, camera_id) as gap
      from ${events}
      where occurred_at >= ${from} and occurred_at <= ${to} and camera_id is not null
        and plate_text <> '' ${looked}
    ) as steps
    where origin is not null and origin <> goal and gap <= ${sql.lit(maxGapMs)}
    group by origin, goal, gap - gap % ${sql.lit(step)}`.execute(database.db);
  return {
    sample,
    transits: rows.map((row) => ({
      from: row.origin,
      to: row.goal,
      seconds: Number(row.ms) / 1000,
      count: Number(row.count) * sample,
    })),
  };
}
