import { z } from "zod";
import { NEWEST_FIRST } from "../../core/events/filters";
import { LISTS } from "../../core/events/lists";
import { endsAfterStart, placeAndTime, RANGE_ERROR } from "../events/query";
import { json, operation } from "../operations";
import { instant } from "../schemas";

/** Of so many of the last opened passages the time to open is told. */
const OPENED = 500;

const querySchema = z
  .object({
    camera_id: placeAndTime.camera_id,
    start_date: placeAndTime.start_date,
    end_date: placeAndTime.end_date,
    interval: z.enum(["hour", "day", "week"]).default("day"),
  })
  .refine(endsAfterStart, RANGE_ERROR);

const count = z.number().int();
const replySchema = z.object({
  total: count,
  unique_plates: count,
  avg_confidence: z.number().nullable(),
  by_decision: z.record(z.string(), count),
  by_list: z
    .record(z.enum(LISTS), count)
    .describe("decided passages by the list that decided; none: on no list"),
  by_camera: z.record(z.string(), z.object({ count, avg_confidence: z.number().nullable() })),
  timeline: z.array(z.object({ timestamp: instant, count, avg_confidence: z.number().nullable() })),
  week: z
    .array(z.array(count))
    .describe("passages by weekday (Monday first) and hour of the site's clock"),
  time_to_open_ms: z
    .object({ passages: count, median: z.number().nullable(), p95: z.number().nullable() })
    .describe(`of the last ${OPENED} that were opened`),
});

/** The figures of the statistics page. */
export const statistics = operation({
  id: "plategate.statistics",
  permission: "events.read",
  summary: "Passages by time, decision, camera and hour of the week; how fast gates opened",
  method: "get",
  path: "/api/v1/statistics",
  input: { query: querySchema },
  replies: { 200: { description: "The figures", body: replySchema } },
  async handle({ services: { events, timeZone } }, { query }) {
    const filter = { cameraId: query.camera_id, from: query.start_date, to: query.end_date };
    const [shown, opened, byList] = await Promise.all([
      events.statistics({ filter, interval: query.interval, timeZone, week: true }),
      events.list({ ...filter, decision: "open" }, { ...NEWEST_FIRST, limit: OPENED }),
      events.byList(filter),
    ]);
    return json({
      total: shown.totalEvents,
      unique_plates: shown.uniquePlates,
      avg_confidence: shown.avgConfidence,
      by_decision: shown.byDecision,
      by_list: byList,
      by_camera: Object.fromEntries(
        Object.entries(shown.byCamera).map(([id, one]) => [id, wire(one)]),
      ),
      timeline: shown.timeline.map(({ timestamp, ...one }) => ({
        timestamp: new Date(timestamp).toISOString(),
        ...wire(one),
      })),
      week: shown.week,
      time_to_open_ms: spread(opened.items.flatMap(({ timeToOpenMs }) => timeToOpenMs ?? [])),
    });
  },
});

function wire({ count: number, avgConfidence }: { count: number; avgConfidence: number | null }) {
  return { count: number, avg_confidence: avgConfidence };
}

/** Median and 95th percentile by the nearest rank. */
function spread(values: number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number | null =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { passages: sorted.length, median: at(0.5), p95: at(0.95) };
}
