import { metricsText } from "../../adapters/metrics/metrics";
import { may } from "../auth/permissions";
import { ApiError } from "../errors";
import { isLocal } from "../http/request";
import { operation } from "../operations";

/** What Prometheus scrapes; free from this machine itself, else for who may see the system. */
export const metrics = operation({
  id: "plategate.metrics",
  permission: "public",
  summary: "Metrics in Prometheus' text format; free from loopback, else with the right `system`",
  method: "get",
  path: "/metrics",
  input: {},
  replies: {
    200: { description: "The metrics", contentType: "text/plain" },
    401: { description: "From another machine, without a credential" },
    403: { description: "From another machine, without the right" },
  },
  async handle({ request, principal }) {
    if (!isLocal(request) && !may(principal, "system")) {
      throw principal.kind === "public" ? ApiError.unauthenticated() : ApiError.forbidden();
    }
    const { contentType, text } = await metricsText();
    return { status: 200, headers: { "Content-Type": contentType }, body: text };
  },
});
