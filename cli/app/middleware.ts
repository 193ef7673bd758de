import express, { type ErrorRequestHandler, type RequestHandler } from "express";
import { isUtf8 } from "node:buffer";
import type { Socket } from "node:net";
import { gauge } from "../../adapters/metrics/metrics";
import { credentialsOf } from "../../api/auth/guard";
import type { AuthService } from "../../api/auth/service";
import { may } from "../../api/auth/permissions";
import { operations } from "../../api/catalogue";
import { ApiError, errorBody } from "../../api/errors";
import { isCrossOrigin, noteBodyError, requestId } from "../../api/http/request";

/** Largest JSON or form body in bytes (API-DECISIONS, Limits). */
export const MAX_JSON_BYTES = 1024 * 1024;

/** Answers with an error in the API's format. */
export function sendError(
  request: express.Request,
  response: express.Response,
  error: ApiError,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response
    .status(error.status)
    .set(error.extra.headers ?? {})
    .set("X-Request-Id", requestId(request))
    .json(errorBody(error, requestId(request), new Date()));
}

/**
 * Before every http-in node: parses JSON and forms within our limit and with our
 * errors (Node-RED's own parser takes 5 MB and answers 500), and leaves other
 * bodies unread so that uploads are not taken into memory. What is wrong with the body of
 * an operation's request is answered by the operation: rights are checked before.
 */
export function bodyMiddleware(): RequestHandler[] {
  const served = new WeakSet<object>();
  const onError: ErrorRequestHandler = (
    error: { status?: number; type?: string },
    request,
    response,
    next,
  ) => {
    if (!served.has(request)) return sendError(request, response, bodyError(error));
    noteBodyError(request, bodyError(error));
    next();
  };
  return [
    operationRequests(served),
    (request, _response, next) => {
      // Read by the parsers below, or left as a stream for the operation.
      Object.assign(request, { skipRawBodyParser: true });
      next();
    },
    express.json({
      limit: MAX_JSON_BYTES,
      strict: false,
      type: ["json", "+json"],
      verify: refuseBrokenText,
    }),
    express.urlencoded({ limit: MAX_JSON_BYTES, extended: false, verify: refuseBrokenText }),
    onError as unknown as RequestHandler,
  ];
}

/** Broken UTF-8 would be read with signs in place of what was sent: another plate than meant. */
function refuseBrokenText(_request: unknown, _response: unknown, body: Buffer, encoding: string) {
  if (encoding === "utf-8" && !isUtf8(body)) throw new Error("the body is not UTF-8");
}

/**
 * Puts requests that an operation serves into a set. Most paths are plain and found at
 * once; trying hundreds of patterns one after the other is for those that are not.
 */
function operationRequests(served: WeakSet<object>): RequestHandler {
  const plain = new Set<string>();
  const router = express.Router();
  for (const { method, path } of operations.values()) {
    if (/^[\w/.-]+$/.test(path)) plain.add(`${method} ${path.toLowerCase()}`);
    else {
      router[method](path, (request, _response, next) => {
        served.add(request);
        next();
      });
    }
  }
  return (request, response, next) => {
    const path = request.path.toLowerCase().replace(/(?<=.)\/$/, "");
    const method = request.method === "HEAD" ? "get" : request.method.toLowerCase();
    if (!plain.has(`${method} ${path}`)) {
      router(request, response, next);
      return;
    }
    served.add(request);
    next();
  };
}

function bodyError(error: { status?: number; type?: string }): ApiError {
  if (error.type === "entity.too.large") {
    return new ApiError(
      413,
      "PAYLOAD_TOO_LARGE",
      `A body may have at most ${MAX_JSON_BYTES} bytes`,
    );
  }
  if (error.type === "encoding.unsupported" || error.type === "charset.unsupported") {
    return new ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "This encoding is not supported");
  }
  return ApiError.invalid("The body cannot be parsed");
}

/** For what no flow answers: unknown paths and errors, in the API's format. */
export function fallback(ready: () => boolean): [RequestHandler, ErrorRequestHandler] {
  return [
    (request, response) => {
      sendError(
        request,
        response,
        ready()
          ? ApiError.notFound("There is nothing at this path")
          : ApiError.unavailable("Starting"),
      );
    },
    (error: { status?: number }, request, response, _next) => {
      const status = error.status ?? 500;
      sendError(
        request,
        response,
        status < 500
          ? ApiError.invalid("The request is malformed")
          : new ApiError(500, "INTERNAL_ERROR", "Internal server error"),
      );
    },
  ];
}

/** The dashboard's pages: who is not logged in goes to the login page. */
export function dashboardPages(auth: () => AuthService): RequestHandler {
  return (request, response, next) => {
    void (async () => {
      const principal = await auth().authenticate(credentialsOf(request.headers));
      if (may(principal, "events.read")) return next();
      if (principal) throw ApiError.forbidden();
      if (request.method === "GET" && request.accepts(["json", "html"]) === "html") {
        response.redirect(`/login?next=${encodeURIComponent(request.originalUrl)}`);
        return;
      }
      throw ApiError.unauthenticated();
    })().catch((error: unknown) => {
      sendError(
        request,
        response,
        error instanceof ApiError ? error : ApiError.unavailable("Not ready"),
      );
    });
  };
}

const clients = gauge("plategate_dashboard_clients", "Dashboards that are open");

interface DashboardSocket {
  handshake: { headers: import("node:http").IncomingHttpHeaders };
  disconnect(close: boolean): void;
  on(event: "disconnect", listener: () => void): void;
  conn?: { transport?: { socket?: Socket } };
}

/** How often a socket's login is checked again, for changes that another process made (ms). */
const RECHECK_MS = 10_000;

/**
 * The dashboard's socket: without a login it is refused (Dashboard 2 by itself
 * protects only the page), and it is closed when the login ends.
 */
export function dashboardSockets(
  auth: () => AuthService,
): (socket: DashboardSocket, next: (error?: Error) => void) => void {
  return (socket, next) => {
    const { headers } = socket.handshake;
    const allowed = async (): Promise<boolean> =>
      !isCrossOrigin(headers) &&
      may(await auth().authenticate(credentialsOf(headers)), "events.read");
    void (async () => {
      if (!(await allowed())) return next(new Error("authentication required"));
      const check = () => {
        allowed()
          .catch(() => true) // the database is away: the login cannot be judged, keep it
          .then(
            (still) => still || socket.disconnect(true),
            () => undefined,
          );
      };
      const timer = setInterval(check, RECHECK_MS).unref();
      const unsubscribe = auth().onChange(check);
      clients.inc();
      socket.on("disconnect", () => {
        clearInterval(timer);
        unsubscribe();
        clients.dec();
      });
      next();
    })().catch(() => next(new Error("not ready")));
  };
}
