import type { Server as HttpServer } from "node:http";
import { Server, type DefaultEventsMap, type Socket } from "socket.io";
import type { Permission, Principal } from "../auth/permissions";
import { credentialsOf } from "../auth/guard";
import type { Credentials } from "../auth/service";
import type { Door } from "./access";

/** Bytes of one message, a picture in it included (API-DECISIONS, Limits). */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
/** Connections at once; a camera has one. */
const MAX_CLIENTS = 10_000;
/** Who came with a credential is looked up again this often, in milliseconds. */
const RECHECK_MS = 30_000;
/** The dashboard's room. */
export const DASHBOARD = "dashboard";

/** What is kept of a connection. */
export interface ClientData {
  principal: Principal;
}
type Any = DefaultEventsMap;
export type Client = Socket<Any, Any, Any, ClientData>;

/** Opens Socket.IO on a server; only who may is let in, and only while he may. */
export function openSockets(
  server: HttpServer,
  door: Door,
  { origins, recheckMs = RECHECK_MS }: { origins: readonly string[]; recheckMs?: number },
): Server {
  const io = new Server(server, {
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    // Edge devices stay as they were installed: clients of Socket.IO 2 connect too.
    allowEIO3: true,
    serveClient: false,
    cors: { origin: origins.includes("*") ? "*" : [...origins] },
    allowRequest: (request, answer) => {
      const full = io.engine.clientsCount >= MAX_CLIENTS;
      answer(full ? "too many connections" : null, !full && door.admits(request.headers));
    },
  });
  io.use((socket, next) => {
    door.callerOf(socket.request, shownBy(socket)).then(
      (principal) => {
        if (!principal) return next(refusal());
        Object.assign(socket.data as object, { principal } satisfies ClientData);
        if (principal.credentialId !== null) recheck(socket, door, recheckMs);
        next();
      },
      () => next(new Error("not ready")),
    );
  });
  return io;
}

export function mayDo({ data }: Client, permission: Permission): boolean {
  return data.principal.permissions.has(permission);
}

/** A credential in the handshake's `auth`, in headers, or in the address. */
function shownBy({ handshake }: Socket): Credentials {
  const { authorization, apiKey } = credentialsOf(handshake.headers);
  const auth = handshake.auth as Record<string, unknown>;
  const word = (value: unknown): string | undefined =>
    typeof value === "string" && value !== "" ? value : undefined;
  const token = word(auth.token) ?? word(handshake.query.token);
  return {
    authorization: authorization ?? (token === undefined ? undefined : `Bearer ${token}`),
    apiKey: apiKey ?? word(auth.api_key) ?? word(handshake.query.api_key),
  };
}

/** Ends the connection of somebody whose key was revoked or whose token has ended. */
function recheck(socket: Socket, door: Door, everyMs: number): void {
  const timer = setInterval(() => {
    door.callerOf(socket.request, shownBy(socket)).then(
      (principal) => {
        if (!principal) {
          socket.disconnect(true);
          return;
        }
        (socket.data as ClientData).principal = principal;
        // Whoever may no longer watch is not shown anything from now on.
        if (!mayDo(socket as Client, "stream")) void socket.leave(DASHBOARD);
      },
      () => undefined, // the database is away: nobody can be judged, the connection stays
    );
  }, everyMs);
  timer.unref();
  socket.once("disconnect", () => clearInterval(timer));
}

function refusal(): Error {
  const error = new Error("authentication required");
  return Object.assign(error, {
    data: {
      code: "AUTHENTICATION_FAILED",
      message: error.message,
      timestamp: new Date().toISOString(),
    },
  });
}
