import { sql, type Kysely, type SqlBool } from "kysely";
import {
  hoursOfWeek,
  timeline,
  type CountAndConfidence,
  type EventStatistics,
  type StatisticsQuery,
} from "../../../core/events/statistics";
import { isCounted } from "../../../core/events/counts";
import type { Schema } from "../schema";
import type { Database, DialectName } from "../types";
import { EventCounts } from "./event-counts";
import { conditionOf } from "./event-query";

const MINUTE = 60_000;

interface Group {
  camera: string | null;
  zone: string | null;
  decision: string | null;
  count: number;
  sum: number;
  rated: number;
  low: number | null;
  high: number | null;
}

/**
 * Statistics of events: from the counts where these know all that is asked, and then
 * only the plates are looked at one by one; else from the events.
 */
export async function eventStatistics(
  database: Database,
  query: StatisticsQuery,
  hashKey: Buffer | null,
): Promise<EventStatistics> {
  const { db } = database;
  const counted = isCounted(query.filter) && query.interval !== "minute";
  const where = conditionOf(query.filter, hashKey);
  const { groups, buckets } = counted
    ? await fromCounts(new EventCounts(database), query)
    : await fromEvents(db, query, where);
  const decisions = tally(groups, (group) => group.decision);
  const total = tally(groups, () => "all").all;
  const span = await spanOf(database, where, total?.count ?? 0);
  const known = (pick: "low" | "high") =>
    groups.map((group) => group[pick]).filter((value) => value !== null);
  const least = (list: number[]) => (list.length ? list.reduce((a, b) => Math.min(a, b)) : null);
  const most = (list: number[]) => (list.length ? list.reduce((a, b) => Math.max(a, b)) : null);
  return {
    totalEvents: total?.count ?? 0,
    avgConfidence: total?.avgConfidence ?? null,
    minConfidence: least(known("low")),
    maxConfidence: most(known("high")),
    ...span,
    byCamera: tally(groups, (group) => group.camera),
    byZone: tally(groups, (group) => group.zone),
    byDecision: Object.fromEntries(Object.entries(decisions).map(([k, v]) => [k, v.count])),
    timeline: timeline(buckets, query.interval, query.timeZone),
    week: query.week ? hoursOfWeek(buckets, query.timeZone) : [],
  };
}

interface Found {
  groups: Group[];
  buckets: { start: number; count: number; sum: number; rated: number }[];
}

async function fromCounts(counts: EventCounts, { filter }: StatisticsQuery): Promise<Found> {
  const [sums, buckets] = await Promise.all([
    counts.sums(filter),
    counts.timeline(filter, "quarter"),
  ]);
  const groups = sums
    .filter((row) => row.count > 0)
    .map((row) => ({
      camera: row.camera_id || null,
      zone: row.zone_id || null,
      decision: row.decision || null,
      count: row.count,
      sum: row.confidence_sum,
      rated: row.rated,
      low: row.low,
      high: row.high,
    }));
  return { groups, buckets };
}

/** In one pass over short buckets, which are added up here. */
async function fromEvents(
  db: Kysely<Schema>,
  { interval }: StatisticsQuery,
  where: ReturnType<typeof conditionOf>,
): Promise<Found> {
  const step = interval === "minute" ? MINUTE : 15 * MINUTE;
  const groups = await db
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
    .execute();
  return { groups, buckets: groups };
}

/** Different plates, first and last event; each from an index alone. */
async function spanOf(
  { db, dialect }: Database,
  where: ReturnType<typeof conditionOf>,
  total: number,
): Promise<Pick<EventStatistics, "uniquePlates" | "firstAt" | "lastAt">> {
  const fitting = db.selectFrom("events").where(where);
  const edge = (order: "asc" | "desc") =>
    fitting.select("occurred_at as at").orderBy("occurred_at", order).limit(1).executeTakeFirst();
  // to find a million different texts takes seconds: of many, a tenth is looked at
  const part = total > SAMPLE_FROM ? SAMPLE : 1;
  const looked = part === 1 ? fitting : sampled(db, dialect).where(where).where(inSample(dialect));
  const [plates, first, last] = await Promise.all([
    db
      .selectFrom(looked.select("plate_text").distinct().as("plates"))
      .select((eb) => eb.fn.countAll<number>().as("n"))
      .executeTakeFirstOrThrow(),
    edge("asc"),
    edge("desc"),
  ]);
  const uniquePlates = Math.min(total, plates.n * part);
  return { uniquePlates, firstAt: first?.at ?? null, lastAt: last?.at ?? null };
}

/** The events by the index of the sample; SQLite does not see by itself how short that is. */
export const SAMPLED: Record<DialectName, string> = {
  sqlite: "events indexed by events_sampled_plates",
  postgres: "events",
  mysql: "events",
};

function sampled(db: Kysely<Schema>, dialect: DialectName) {
  if (dialect !== "sqlite") return db.selectFrom("events");
  return db.selectFrom(sql<Schema["events"]>`events`.as<"events">(sql.raw(SAMPLED.sqlite)));
}

/** From so many events on the number of plates is estimated (within about 1 %). */
export const SAMPLE_FROM = 100_000;
export const SAMPLE = 10;

/** A tenth of all plates, by their last two characters, of which digits are spread evenly. */
export function inSample(dialect: DialectName) {
  const code = { sqlite: "unicode", postgres: "ascii", mysql: "ord" }[dialect];
  const end = (n: number) =>
    dialect === "sqlite" ? `substr(plate_text, -${n})` : `right(plate_text, ${n})`;
  return sql<SqlBool>`${sql.raw(`(${code}(${end(1)}) + ${code}(${end(2)})) % ${SAMPLE}`)} = 0`;
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
