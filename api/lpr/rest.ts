import express, { type NextFunction, type Request, type Response, type Router } from "express";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { LookUpLog } from "../../adapters/store/look-ups";
import type { EventRepository, ImageStore } from "../../core/events/ports";
import { NEWEST_FIRST } from "../../core/events/filters";
import { normalisePlate } from "../../core/plates/normalise";
import { ANYONE, credentialsOf } from "../auth/guard";
import type { Throttle } from "../auth/throttle";
import { ApiError, errorBody } from "../errors";
import { lookUpOf } from "../events/look-up";
import { pictureReply } from "../events/picture";
import type { SignedLinks } from "../http/links";
import { principalOf, requestId, setPrincipal } from "../http/request";
import { parseInput } from "../http/validate";
import { pageFields, text } from "../schemas";
import { countedAs, MESSAGES_A_MINUTE, type Door } from "./access";
import type { CameraBook } from "./cameras";
import type { FigureKeeper } from "./figures";
import { cameraView, recordView } from "./view";

export interface RestParts {
  door: Door;
  events: EventRepository;
  images: ImageStore;
  links: SignedLinks;
  cameras: CameraBook;
  figures: FigureKeeper;
  version: string;
  lookUps: Pick<LookUpLog, "note">;
  clients: () => number;
  startedAt: number;
  /** What each caller asks and says in a minute. */
  limits: Throttle;
  log: (message: string) => void;
}

const recordsQuery = z.object({
  ...pageFields(20),
  camera_id: text(128).optional(),
  plate_number: text(128).optional(),
});

const SOCKET = {
  events: ["camera_register", "lpr_data", "ping", "join_dashboard"],
  responses: ["status", "lpr_response", "error", "pong"],
  broadcasts: ["new_detection", "camera_status"],
};

/** The LPR port's REST side (reference 4): reading only. */
export function restApplication(parts: RestParts): express.Express {
  const app = express();
  app.disable("x-powered-by");
  app.use((request, response, next) => {
    admit(parts, request, response).then(() => next(), next);
  });
  app.use(routes(parts));
  app.use(() => {
    throw ApiError.notFound("There is nothing at this path");
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    sendError(parts, request, response, error);
  });
  return app;
}

/** @throws ApiError 401, 403 or 429 */
async function admit(
  { door, links, limits }: RestParts,
  request: Request,
  response: Response,
): Promise<void> {
  response.set({ "X-Request-Id": requestId(request), "X-Content-Type-Options": "nosniff" });
  if (!door.admits(request.headers))
    throw ApiError.forbidden("Requests from this page are refused");
  const { origin } = request.headers;
  if (origin && door.allowsOrigin(origin)) {
    response.set({
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Allow-Headers": "Authorization, X-API-Key",
      Vary: "Origin",
    });
  }
  if (request.method === "OPTIONS" || links.opens(request)) return;
  const principal = await door.callerOf(request, credentialsOf(request.headers));
  if (!principal) throw ApiError.unauthenticated();
  if (!principal.permissions.has("events.read")) throw ApiError.forbidden();
  setPrincipal(request, principal);
  limit(limits, countedAs(principal, request));
}

function limit(limits: Throttle, caller: string | null): void {
  if (caller === null) return;
  const wait = limits.take(caller, Date.now());
  if (wait > 0) throw ApiError.tooMany("Rate limit exceeded", wait, MESSAGES_A_MINUTE);
}

type Work = (request: Request, response: Response) => unknown;

/** Does the work; where it shows what is recorded of people, the audit log has it. */
async function noted(
  { lookUps }: RestParts,
  lookUp: string | undefined,
  request: Request,
  work: () => unknown,
): Promise<unknown> {
  const principal = principalOf(request) ?? ANYONE;
  const note = (result: "ok" | "failed"): void => {
    const context = { request, principal, requestId: requestId(request) };
    const line = lookUp && lookUpOf({ lookUp }, context, result);
    if (line) lookUps.note(line);
  };
  try {
    const body = await work();
    note("ok");
    return body;
  } catch (error) {
    note("failed");
    throw error;
  }
}

function routes(parts: RestParts): Router {
  const { events, cameras, figures } = parts;
  const router = express.Router();
  const get = (path: string, work: Work, lookUp?: string): void => {
    router.get(path, (request, response, next) => {
      Promise.resolve()
        .then(() => noted(parts, lookUp, request, () => work(request, response)))
        .then((body) => body === undefined || response.json(body))
        .catch(next);
    });
    router.options(path, (_request, response) =>
      response.set("Allow", "GET, HEAD").sendStatus(204),
    );
    router.all(path, () => {
      throw new ApiError(405, "METHOD_NOT_ALLOWED", "This path is only for reading", {
        headers: { Allow: "GET, HEAD" },
      });
    });
  };
  get("/", () => state(parts));
  get("/websocket", (request) => ({
    protocol: "Socket.IO",
    url: originOf(request),
    path: "/socket.io/",
    transports: ["polling", "websocket"],
    connected_clients: parts.clients(),
    ...SOCKET,
  }));
  get("/api/statistics", () => figures.get(Date.now()));
  get("/api/cameras", () => {
    const { total, online } = cameras.counts();
    return { cameras: cameras.list().map(cameraView), total, online, offline: total - online };
  });
  const records: Work = async (request) => {
    const { limit, skip, camera_id, plate_number } = parseInput(recordsQuery, request.query, 422);
    // A form that leaves a filter empty means no filter.
    const plate = plate_number ? normalisePlate(plate_number) : undefined;
    if (plate === "") return { records: [], total: 0, limit, skip };
    const found = await events.list(
      { cameraId: camera_id || undefined, plateContains: plate },
      { ...NEWEST_FIRST, skip, limit },
    );
    const records = found.items.map((event) => recordView(event, originOf(request), parts.links));
    return { records, total: found.total, limit, skip };
  };
  get("/api/records", records, "event.query");
  const picture: Work = (request, response) => sendPicture(parts, request, response);
  get("/api/records/:id/:kind(frame|crop).jpg", picture, "event.picture");
  return router;
}

function state({ version, clients, cameras, startedAt }: RestParts): Record<string, unknown> {
  const { total, online } = cameras.counts();
  return {
    status: "running",
    server: "LPR Server v3",
    version,
    connected_clients: clients(),
    total_cameras: total,
    online_cameras: online,
    uptime_seconds: Math.floor((Date.now() - startedAt) / 1000),
    endpoints: ["/", "/websocket", "/api/statistics", "/api/records", "/api/cameras"],
    timestamp: new Date().toISOString(),
  };
}

async function sendPicture(
  { events, images }: RestParts,
  request: Request,
  response: Response,
): Promise<void> {
  const kind = request.params.kind === "frame" ? "frame" : "crop";
  const event = await events.get(String(request.params.id));
  const { status, headers, stream } = await pictureReply(request, images, event, kind);
  response.status(status).set(headers ?? {});
  if (!stream) {
    response.end();
    return;
  }
  // Where the caller goes away, or the store in the middle, nobody is left to tell.
  await pipeline(stream, response).catch(() => response.destroy());
}

/** The address under which a caller reached this port. */
export function originOf({ headers }: Pick<Request, "headers">): string {
  return `http://${headers.host ?? "localhost"}`;
}

function sendError({ log }: RestParts, request: Request, response: Response, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const id = requestId(request);
  const broken = error instanceof URIError; // a path such as /%ff
  let answer: ApiError;
  if (error instanceof ApiError) answer = error;
  else if (broken) answer = ApiError.invalid("The request is malformed");
  else {
    log(`${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    answer = new ApiError(500, "INTERNAL_ERROR", "Internal server error");
  }
  response
    .status(answer.status)
    .set(answer.extra.headers ?? {})
    .json(errorBody(answer, id, new Date()));
}
