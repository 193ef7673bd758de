import { z } from "zod";
import { json, operation } from "../operations";
import { instant } from "../schemas";

const healthSchema = z.object({
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
