import { z } from "zod";
import { eventRate, type CountAndConfidence } from "../../core/events/statistics";
import { endsAfterStart, placeAndTime, RANGE_ERROR } from "../events/query";
import { isoTime } from "../events/view";
import { json, operation } from "../operations";
import { instant } from "../schemas";

const querySchema = z
  .object({
    ...placeAndTime,
    interval: z.enum(["minute", "hour", "day", "week"]).default("hour"),
  })
  .refine(endsAfterStart, RANGE_ERROR);

const share = z.number().nullable();
const counted = z.object({ count: z.number().int(), avg_confidence: share });

/** `GET /events/stats` of reference 2. */
export const eventStats = operation({
  id: "engine.event_stats",
  permission: "events.read",
  lookUp: "event.statistics",
  summary: "How many events, by camera, zone and time",
  method: "get",
  path: "/events/stats",
  input: { query: querySchema },
  replies: {
    200: {
      description: "Counts; intervals without events are left out of the time line",
      body: z.object({
        total_events: z.number().int(),
        avg_confidence: share,
        min_confidence: share,
        max_confidence: share,
        unique_plates: z.number().int(),
        event_rate: z.object({
          per_second: z.number(),
          per_minute: z.number(),
          per_hour: z.number(),
        }),
        by_camera: z.record(z.string(), counted),
        by_zone: z.record(z.string(), counted),
        timeline: z.array(counted.extend({ timestamp: instant })),
      }),
    },
  },
  async handle({ services }, { query }) {
    const { camera_id: cameraId, zone_id: zoneId, start_date: from, end_date: to } = query;
    const found = await services.events.statistics({
      filter: { cameraId, zoneId, from, to },
      interval: query.interval,
      timeZone: services.timeZone,
    });
    const first = from ?? found.firstAt ?? 0;
    const last = Math.min(to ?? found.lastAt ?? first, Math.max(Date.now(), found.lastAt ?? 0));
    const rate = eventRate(found.totalEvents, first, last);
    return json({
      total_events: found.totalEvents,
      avg_confidence: rounded(found.avgConfidence),
      min_confidence: found.minConfidence,
      max_confidence: found.maxConfidence,
      unique_plates: found.uniquePlates,
      event_rate: {
        per_second: rounded(rate.perSecond, 6),
        per_minute: rounded(rate.perMinute),
        per_hour: rounded(rate.perHour),
      },
      by_camera: byName(found.byCamera),
      by_zone: byName(found.byZone),
      timeline: found.timeline.map((bucket) => ({
        timestamp: isoTime(bucket.timestamp),
        ...wire(bucket),
      })),
    });
  },
});

function byName(counts: Record<string, CountAndConfidence>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(counts).map(([name, one]) => [name, wire(one)]));
}

function wire({ count, avgConfidence }: CountAndConfidence) {
  return { count, avg_confidence: rounded(avgConfidence) };
}

function rounded(value: number | null, digits = 4): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}
