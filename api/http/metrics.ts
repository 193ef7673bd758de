import type { RequestHandler } from "express";
import { counter, histogram } from "../../adapters/metrics/metrics";

const requests = counter("plategate_http_requests_total", "HTTP requests answered", [
  "method",
  "route",
  "status",
]);
const durations = histogram(
  "plategate_http_request_seconds",
  "From a request's headers to the end of its answer",
  ["method", "route"],
);

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Counts and times all requests, by route and never by path: paths may hold plates. */
export function measureRequests(): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const first = /^\/(admin|dashboard|static)(?=\/|$)/.exec(request.path)?.[1];
    response.once("close", () => {
      const labels = {
        method: METHODS.has(request.method) ? request.method : "other",
        route: first ?? routeOf(request.route) ?? "none",
      };
      requests.inc({ ...labels, status: String(response.statusCode) });
      durations.observe(labels, (performance.now() - started) / 1000);
    });
    next();
  };
}

/** The path as the route was written, e.g. "/events/:id". */
export function routeOf(route: unknown): string | null {
  const path = (route as { path?: unknown } | undefined)?.path;
  return typeof path === "string" ? path : null;
}
