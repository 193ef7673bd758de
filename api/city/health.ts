import { json, operation } from "../operations";
import { healthSchema } from "../engine/health";

/** `GET /api/admin/health` of reference 3. */
export const adminHealth = operation({
  id: "city.admin.health",
  permission: "system",
  summary: "State of the program and its parts, for administrators",
  method: "get",
  path: "/api/admin/health",
  input: {},
  replies: {
    200: { description: "It works, or works with less", body: healthSchema },
    503: { description: "It does not work", body: healthSchema },
  },
  async handle({ services }) {
    const report = await services.health.report(new Date());
    return json(report, report.status === "unhealthy" ? 503 : 200);
  },
});
