import type { Request } from "express";
import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { credentialsOf } from "../auth/guard";
import { may, type Principal } from "../auth/permissions";
import type { AuthService, Credentials } from "../auth/service";
import { answerOf, ApiError, errorBody } from "../errors";
import { isCrossOrigin, requestId } from "../http/request";

/** Listeners say nothing that is long. */
const MAX_PAYLOAD = 4_096;

/** Makes web sockets of upgrade requests. */
export const sockets = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  maxPayload: MAX_PAYLOAD,
  perMessageDeflate: false,
});

/** What a WebSocket's request shows: headers, or `?token=` and `?api_key=` (browsers set no headers). */
export function streamCredentials(request: IncomingMessage, query: URLSearchParams): Credentials {
  const shown = credentialsOf(request.headers);
  const token = query.get("token");
  const apiKey = query.get("api_key");
  return {
    authorization: shown.authorization ?? (token ? `Bearer ${token}` : undefined),
    apiKey: shown.apiKey ?? apiKey ?? undefined,
    session: shown.session,
  };
}

/**
 * Who wants to listen.
 * @throws ApiError 401, 403, before anything is upgraded
 */
export async function authorizeStream(
  auth: AuthService,
  request: IncomingMessage,
  credentials: Credentials,
): Promise<Principal> {
  const principal = await auth.authenticate(credentials);
  if (!principal) throw ApiError.unauthenticated();
  const byCookie = !credentials.authorization && !credentials.apiKey;
  // A cookie goes along with whatever page opens the socket.
  if (byCookie && isCrossOrigin(request.headers)) {
    throw ApiError.forbidden("Requests from another site are refused");
  }
  if (!may(principal, "stream")) throw ApiError.forbidden();
  return principal;
}

/** Finishes the handshake. */
export function upgraded(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<WebSocket> {
  return new Promise((resolve) => sockets.handleUpgrade(request, socket, head, resolve));
}

/** Answers an upgrade request with an error, as plain HTTP. */
export function refuse(request: IncomingMessage, socket: Duplex, error: unknown): void {
  const answer = answerOf(error) ?? new ApiError(500, "INTERNAL_ERROR", "Internal server error");
  const id = requestId(request);
  const body = JSON.stringify(errorBody(answer, id, new Date()));
  const headers = {
    ...answer.extra.headers,
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(body)),
    "X-Request-Id": id,
    Connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ""}\r\n${lines.join("")}\r\n${body}`,
  );
}

/** The request as Express sees others: with the trust in proxies that the application has. */
export function asExpress(request: IncomingMessage, app: { request: object }): Request {
  const made = Object.setPrototypeOf(request, app.request) as Request;
  Object.assign(made, { app, baseUrl: "" });
  return made;
}
