import { sql, type Kysely } from "kysely";
import {
  timeline,
  type CountAndConfidence,
  type EventStatistics,
  type StatisticsQuery,
} from "../../../core/events/statistics";
import type { Schema } from "../schema";
import { conditionOf } from "./event-query";

const MINUTE = 60_000;

interface Group {
  start: number;
  camera: string | null;
  zone: string | null;
  decision: string | null;
  count: number;
  sum: number;
  rated: number;
  low: number | null;
  high: number | null;
}

/** Counts events in one pass over short buckets, and adds these up here. */
export async function eventStatistics(
  db: Kysely<Schema>,
  query: StatisticsQuery,
  hashKey: Buffer | null,
): Promise<EventStatistics> {
  const step = query.interval === "minute" ? MINUTE : 15 * MINUTE;
  const where = conditionOf(query.filter, hashKey);
  const [groups, span] = await Promise.all([
    db
      .selectFrom("events")
      .where(where)
      .select((eb) => [
        sql<number>`occurred_at - occurred_at % ${sql.lit(step)}`.as("start"),
        eb.ref("camera_id").as("camera"),
        eb.ref("zone_id").as("zone"),
        "decision",
        eb.fn.countAll<number>().as("count"),
        eb.fn.coalesce(eb.fn.sum<number>("confidence"), sql.lit(0)).as("sum"),
        eb.fn.count<number>("confidence").as("rated"),
        eb.fn.min("confidence").as("low"),
        eb.fn.max("confidence").as("high"),
      ])
      .groupBy([sql`1`, "camera_id", "zone_id", "decision"])
      .execute(),
    db
      .selectFrom("events")
      .where(where)
      .select((eb) => [
        eb.fn.count<number>("plate_text").distinct().as("plates"),
        eb.fn.min("occurred_at").as("first"),
        eb.fn.max("occurred_at").as("last"),
      ])
      .executeTakeFirstOrThrow(),
  ]);
  return statisticsOf(groups, span, query);
}

function statisticsOf(
  groups: Group[],
  span: { plates: number; first: number | null; last: number | null },
  query: StatisticsQuery,
): EventStatistics {
  const cameras = tally(groups, (group) => group.camera);
  const decisions = tally(groups, (group) => group.decision);
  const total = tally(groups, () => "all").all;
  const known = (pick: "low" | "high") =>
    groups.map((group) => group[pick]).filter((value) => value !== null);
  const least = (list: number[]) => (list.length ? list.reduce((a, b) => Math.min(a, b)) : null);
  const most = (list: number[]) => (list.length ? list.reduce((a, b) => Math.max(a, b)) : null);
  return {
    totalEvents: total?.count ?? 0,
    avgConfidence: total?.avgConfidence ?? null,
    minConfidence: least(known("low")),
    maxConfidence: most(known("high")),
    uniquePlates: span.plates,
    firstAt: span.first,
    lastAt: span.last,
    byCamera: cameras,
    byZone: tally(groups, (group) => group.zone),
    byDecision: Object.fromEntries(Object.entries(decisions).map(([k, v]) => [k, v.count])),
    timeline: timeline(groups, query.interval, query.timeZone),
  };
}

/** Counts and mean confidence per key; groups without one are left out. */
function tally(
  groups: Group[],
  keyOf: (group: Group) => string | null,
): Record<string, CountAndConfidence> {
  const sums = new Map<string, { count: number; sum: number; rated: number }>();
  for (const group of groups) {
    const key = keyOf(group);
    if (key === null) continue;
    const into = sums.get(key) ?? { count: 0, sum: 0, rated: 0 };
    into.count += group.count;
    into.sum += group.sum;
    into.rated += group.rated;
    sums.set(key, into);
  }
  return Object.fromEntries(
    [...sums].map(([key, { count, sum, rated }]) => [
      key,
      { count, avgConfidence: rated > 0 ? sum / rated : null },
    ]),
  );
}
