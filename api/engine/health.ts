import { json, type Operation } from "../operations";

/** `GET /healthz` of reference 2: 200 when ready to work, else 503. */
export const health: Operation = {
  id: "engine.health",
  permission: "public",
  summary: "State of the program and its parts",
  method: "get",
  path: "/healthz",
  async handle({ services }) {
    const report = await services.health.report(new Date());
    return json(report, report.status === "unhealthy" ? 503 : 200);
  },
};
