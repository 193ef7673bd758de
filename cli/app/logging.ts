import type { RequestHandler } from "express";
import { createLog, type AppLog, type LogLevel } from "../../adapters/log/log";
import { callerAddress, principalOf, requestId } from "../../api/http/request";
import { routeOf } from "../../api/http/metrics";

let shared: AppLog | null = null;

/** The process's log; the first environment it is asked with sets it up. */
export function appLog(env: NodeJS.ProcessEnv): AppLog {
  return (shared ??= createLog(env));
}

/** What Node-RED hands to a log handler. */
interface NodeRedMessage {
  level: number;
  msg: unknown;
  type?: string;
  name?: string;
  id?: string;
}

const LEVELS: Readonly<Record<number, LogLevel>> = {
  10: "fatal",
  20: "error",
  30: "warn",
  40: "info",
  50: "debug",
  60: "trace",
};

/** Node-RED's `logging` setting: its lines and those of nodes, through our log. */
export function nodeRedLogging(log: AppLog): Record<string, unknown> {
  const handler = () => (message: NodeRedMessage) => {
    const level = LEVELS[message.level];
    if (!level) return; // metrics and audit events have channels of their own
    const { type, name, id } = message;
    log.write(level, textOf(message.msg), type ? { node_type: type, node: name || id } : {});
  };
  return { plategate: { level: log.level, metrics: false, audit: false, handler } };
}

function textOf(said: unknown): string {
  if (said instanceof Error) return said.stack ?? said.message;
  if (typeof said === "string") return said;
  const { message } = (said ?? {}) as { message?: unknown };
  return typeof message === "string" ? message : JSON.stringify(said);
}

/** Also what the page System asks again and again: the live log must not feed itself. */
const QUIET = /^\/(admin|dashboard|static|docs|healthz|metrics|api\/v1\/(logs|monitoring))(\/|$)/;

/**
 * A line per answered request. By route, never by path or query: those may hold plates
 * and tokens. Assets and probes are at the level debug.
 */
export function accessLog(log: AppLog): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const { path } = request;
    response.once("close", () => {
      const principal = principalOf(request);
      const quiet = QUIET.test(path) && response.statusCode < 500;
      log.write(quiet ? "debug" : "info", "request", {
        request_id: requestId(request),
        method: request.method,
        route: routeOf(request.route) ?? null,
        status: response.statusCode,
        ms: Math.round((performance.now() - started) * 10) / 10,
        address: callerAddress(request),
        ...(principal ? { caller: `${principal.kind}:${principal.name}` } : {}),
      });
    });
    next();
  };
}
