import express, { type RequestHandler } from "express";
import { STATUS_CODES, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { operations } from "../../api/catalogue";
import { ApiError, errorBody } from "../../api/errors";
import { requestId } from "../../api/http/request";
import { sendError } from "./middleware";

/** Seconds in which a body must come on by LEAST_BYTES, or end. */
const BODY_SECONDS = 20;
const LEAST_BYTES = 4_096;
/** Milliseconds for the headers of a request. */
const HEADERS_MS = 20_000;
const MAX_HEADERS = 100;

/** Limits of a server for what comes before any handler, with answers in the error format. */
export function limitRequests(server: Server): void {
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = 0; // large uploads take their time; bodies that stand still: slowBodies
  server.maxHeadersCount = MAX_HEADERS;
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => answerBroken(error, socket));
}

function answerBroken({ code }: NodeJS.ErrnoException, socket: Duplex): void {
  if (code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const error =
    code === "HPE_HEADER_OVERFLOW"
      ? new ApiError(431, "PAYLOAD_TOO_LARGE", "The headers are too large")
      : code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? new ApiError(408, "REQUEST_TIMEOUT", "The request did not come in time")
        : ApiError.invalid("The request is malformed");
  const body = JSON.stringify(errorBody(error, requestId(socket), new Date()));
  socket.end(
    [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ""}`,
      "Content-Type: application/json; charset=utf-8",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "Connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}

/** Answers 408 where a body stands still or trickles, and hangs up. */
export function slowBodies(env: NodeJS.ProcessEnv): RequestHandler {
  const seconds = Number(env.BODY_TIMEOUT_SECONDS) || BODY_SECONDS;
  return (request, response, next) => {
    const { headers, socket } = request;
    const length = Number(headers["content-length"] ?? 0);
    if (headers["transfer-encoding"] === undefined && length === 0) return next();
    let before = socket.bytesRead;
    const timer = setInterval(() => {
      if (request.complete || request.destroyed) return clearInterval(timer);
      const read = socket.bytesRead;
      // A handler that is slow to read stops the sender: that is not the sender's fault.
      if (read - before >= LEAST_BYTES || request.readableLength > 0) {
        before = read;
        return;
      }
      clearInterval(timer);
      response.once("finish", () => socket.destroy());
      response.setHeader("Connection", "close");
      const late = new ApiError(408, "REQUEST_TIMEOUT", "The body did not come in time");
      sendError(request, response, late);
    }, seconds * 1000);
    timer.unref();
    response.once("close", () => clearInterval(timer));
    next();
  };
}

/**
 * A known path with a method that it has not: 405 with those it has.
 * @param only the paths to look at; all of them where it is left out
 */
export function methodNotAllowed(only: (path: string) => boolean = () => true): RequestHandler {
  const byPath = new Map<string, string[]>();
  for (const { path, method } of operations.values()) {
    const methods = byPath.get(path) ?? [];
    methods.push(...(method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()]));
    byPath.set(path, methods);
  }
  const router = express.Router();
  for (const [path, methods] of byPath) {
    if (!only(path)) continue;
    router.all(path, (request, response, next) => {
      // The operation's flow was taken out: then there is nothing here.
      if (methods.includes(request.method)) return next();
      const error = new ApiError(405, "METHOD_NOT_ALLOWED", "This path has other methods", {
        headers: { Allow: methods.join(", ") },
      });
      sendError(request, response, error);
    });
  }
  return router;
}

/**
 * Before the flows: paths that an operation with a parameter would take for its own,
 * as `/events/:event_id` does `GET /events/ingest`, and the stream without an upgrade.
 */
export function shadowedPaths(): RequestHandler {
  const patterns = [...operations.values()]
    .filter(({ path }) => path.includes(":"))
    .map(({ path }) => new RegExp(`^${path.replace(/:[^/]+/g, "[^/]+")}$`));
  const router = express.Router();
  router.get("/events/stream", (request, response) => {
    const headers = { Upgrade: "websocket" };
    const error = new ApiError(426, "INVALID_REQUEST", "This is a WebSocket", { headers });
    sendError(request, response, error);
  });
  router.use(
    methodNotAllowed((path) => !path.includes(":") && patterns.some((one) => one.test(path))),
  );
  return router;
}
