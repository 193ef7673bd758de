import { z } from "zod";
import { inferenceTimes } from "../../adapters/vision/service";
import type { EventFilter } from "../../core/events/filters";
import type { EventRepository } from "../../core/events/ports";
import { json, operation } from "../operations";
import { instant } from "../schemas";

/** A health report as reference 2 writes it. */
export const healthSchema = z.object({
  status: z.enum(["healthy", "degraded", "unhealthy"]),
  timestamp: instant,
  version: z.string(),
  components: z.record(
    z.string(),
    z.looseObject({
      status: z.enum(["healthy", "degraded", "unhealthy", "not_configured"]),
      response_time_ms: z.number().optional(),
      error: z.string().optional(),
    }),
  ),
  uptime_seconds: z.number().int(),
});

/** `GET /healthz` of reference 2: 200 when ready to work, else 503. */
export const health = operation({
  id: "engine.health",
  permission: "public",
  summary: "State of the program and its parts",
  method: "get",
  path: "/healthz",
  input: {},
  replies: {
    200: { description: "Ready to work", body: healthSchema },
    503: { description: "Not ready", body: healthSchema },
  },
  async handle({ services }) {
    const report = await services.health.report(new Date());
    return json(report, report.status === "unhealthy" ? 503 : 200);
  },
});

const detailedSchema = healthSchema.extend({
  components: z.record(
    z.string(),
    z.object({
      status: z.enum(["healthy", "degraded", "unhealthy", "not_configured"]),
      response_time_ms: z.number().optional(),
      error: z.string().optional(),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  metrics: z.object({
    events_total: z.number().int().nullable(),
    events_per_minute: z.number().nullable().describe("over the last hour"),
    avg_processing_time_ms: z.number().nullable().describe("finding and reading plates, a frame"),
  }),
});

/** `GET /healthz/detailed` of reference 2: what was measured of each part. */
export const healthDetailed = operation({
  id: "engine.health_detailed",
  permission: "events.read",
  summary: "State of the program and its parts, with what was measured",
  method: "get",
  path: "/healthz/detailed",
  input: {},
  replies: {
    200: { description: "Ready to work", body: detailedSchema },
    503: { description: "Not ready", body: detailedSchema },
  },
  async handle({ services }) {
    const now = new Date();
    const [report, metrics] = await Promise.all([
      services.health.detailed(now),
      metricsOf(services.events, now.getTime()),
    ]);
    return json({ ...report, metrics }, report.status === "unhealthy" ? 503 : 200);
  },
});

/** Numbers of the record; null while it does not answer. */
async function metricsOf(events: EventRepository, now: number) {
  const count = (filter: EventFilter) => events.count(filter).catch(() => null);
  const [total, lastHour, times] = await Promise.all([
    count({}),
    count({ from: now - 3_600_000, to: now }),
    inferenceTimes(),
  ]);
  const { detect, read } = times;
  return {
    events_total: total,
    events_per_minute: lastHour === null ? null : Math.round((lastHour / 60) * 100) / 100,
    avg_processing_time_ms: detect ? Math.round(detect.mean + (read?.mean ?? 0)) : null,
  };
}
