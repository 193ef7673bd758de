import { createServer, type Server as HttpServer } from "node:http";
import type { Server as SocketServer } from "socket.io";
import { runningCameras } from "../../adapters/cameras/running";
import { events as bus } from "../../adapters/events/bus";
import type { EventWriter } from "../../adapters/events/writer";
import type { LookUpLog } from "../../adapters/store/look-ups";
import { packageVersion } from "../../adapters/package/package";
import type { StoredEvent } from "../../core/events/event";
import type { EventChange, EventRepository, ImageStore } from "../../core/events/ports";
import type { LprCameraRepository } from "../../core/lpr/ports";
import type { Passage } from "../../core/messages";
import type { AuthService } from "../auth/service";
import { Throttle } from "../auth/throttle";
import type { SignedLinks } from "../http/links";
import { Door, MESSAGES_A_MINUTE } from "./access";
import { CameraBook } from "./cameras";
import { converse } from "./conversation";
import { DecisionWaiter } from "./decisions";
import { FigureKeeper } from "./figures";
import { Intake } from "./intake";
import { originOf, restApplication } from "./rest";
import { DASHBOARD, openSockets, type Client } from "./socket";
import { recordView } from "./view";

/** How long a camera's answer waits for the flow's decision, in milliseconds. */
const DECISION_MS = 2_000;

export interface LprOptions {
  host: string;
  port: number;
  /** LPR_AUTH=off: everybody who reaches the port is let in. */
  open: boolean;
  origins: readonly string[];
  timeZone: string;
  /** How often who came with a credential is looked up again, in milliseconds. */
  recheckMs?: number;
  /** The lanes of cameras by the node's own list: nothing else gives a pushed read a lane. */
  lanes: ReadonlyMap<string, string>;
}

export interface LprParts {
  auth: AuthService;
  events: EventRepository;
  images: ImageStore;
  writer: EventWriter;
  cameras: LprCameraRepository;
  links: SignedLinks;
  lookUps: LookUpLog;
  hasGate: () => boolean;
  decide: (passage: Passage) => void;
  /** How many clients and cameras there are now. */
  changed: (clients: number, online: number) => void;
  log: (message: string) => void;
}

/** The LPR server of reference 4 on its own port: Socket.IO and REST over the one record. */
export class LprServer {
  private constructor(
    private readonly http: HttpServer,
    private readonly io: SocketServer,
    private readonly cameras: CameraBook,
    private readonly decisions: DecisionWaiter,
    private readonly listener: (change: EventChange) => void,
  ) {}

  /** Resolves when it listens; rejects where the port is taken or the store does not answer. */
  static async open(options: LprOptions, parts: LprParts): Promise<LprServer> {
    const door = new Door(parts.auth, options);
    const http = createServer((request, response) => {
      app(request, response);
    });
    // Socket.IO takes its own path's requests before the others go to the application.
    const io = openSockets(http, door, options);
    const clients = (): number => io.engine.clientsCount;
    const cameras = await CameraBook.open(
      parts.cameras,
      (camera, state) => {
        io.to(DASHBOARD).emit("camera_status", {
          camera_id: camera.id,
          status: state,
          location: camera.location,
          last_seen: new Date(camera.lastSeenAt).toISOString(),
          timestamp: new Date().toISOString(),
        });
        parts.changed(clients(), cameras.counts().online);
      },
      (error) => parts.log(`cameras could not be written: ${String(error)}`),
    );
    /** Shows a final passage to the dashboards, wherever it came from. */
    const show = (event: StoredEvent): void => {
      for (const socket of io.sockets.sockets.values()) {
        if (!socket.rooms.has(DASHBOARD)) continue;
        socket.emit("new_detection", recordView(event, originOf(socket.handshake), parts.links));
      }
    };
    const decisions = new DecisionWaiter(bus, DECISION_MS);
    const intake = new Intake({
      ...parts,
      decisions,
      decided: (event) => show(event),
      laneOf: (id) => laneOf(id, options.lanes, parts.log),
    });
    const figures = new FigureKeeper(parts.events, cameras, options.timeZone);
    const limits = new Throttle(MESSAGES_A_MINUTE, 60_000);
    const rest = { ...parts, door, cameras, figures, clients, limits };
    const app = restApplication({ ...rest, version: packageVersion(), startedAt: Date.now() });
    const listener = ({ event, becameFinal }: EventChange): void => {
      // A camera with a lane waits for its decision; it is shown with that.
      if (becameFinal && !intake.isDeciding(event.id)) show(event);
    };
    const server = new LprServer(http, io, cameras, decisions, listener);
    io.on("connection", (socket) => {
      converse(socket as Client, { cameras, intake, limits, log: parts.log });
      parts.changed(clients(), cameras.counts().online);
      socket.on("disconnect", () => parts.changed(clients(), cameras.counts().online));
    });
    bus.on("event", listener);
    try {
      await listen(http, options);
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /** Drops all clients, writes what is known of cameras, and frees the port. */
  async close(): Promise<void> {
    bus.off("event", this.listener);
    this.decisions.close();
    this.http.closeAllConnections();
    await this.io.close();
    await this.cameras.close();
  }
}

/**
 * A camera's lane by the node's list; none where this process reads a camera of that id
 * itself, whose passages nobody else may make up.
 */
function laneOf(
  id: string,
  lanes: LprOptions["lanes"],
  log: (message: string) => void,
): string | null {
  const lane = lanes.get(id) ?? null;
  if (lane === null || !runningCameras.get(id)) return lane;
  log(`${id} is read from its own stream here: what is sent in its name decides nothing`);
  return null;
}

function listen(http: HttpServer, { host, port }: LprOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, host, () => {
      http.off("error", reject);
      resolve();
    });
  });
}
