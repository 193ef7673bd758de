import type { Application } from "express";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Node, NodeAPI, NodeDef } from "node-red";
import { EngineStream } from "../../api/stream/engine";
import { GuideStream } from "../../api/stream/guide";
import { StreamHub } from "../../api/stream/hub";
import { asExpress, refuse } from "../../api/stream/upgrade";
import { ApiError } from "../../api/errors";
import { requireConfig, type ApiNode } from "../shared/config-nodes";
import { asError, NodeStatus, onClose } from "../shared/kit";

interface StreamConfig extends NodeDef {
  api: string;
}

/** Where listeners come in, and which dialect they speak there. */
const PATHS = { "/events/stream": "stream", "/ws": "guide" } as const;
const STATUS_EVERY_MS = 2_000;
/** After a failed opening it is tried again so much later, in ms. */
const REOPEN_MS = 5_000;

/** What a running stream holds. */
interface Running {
  hub: StreamHub;
  stream: EngineStream;
  guide: GuideStream;
  close(): void;
}

/** The WebSockets `/events/stream` and `/ws` on Node-RED's own port: final events as they are stored. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("event-stream", function (this: Node, config: StreamConfig) {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(RED, this);
    const server = (RED as unknown as { server: Server }).server;
    const app = RED.httpNode as unknown as Application & { request: object };
    const root = String(RED.settings.httpNodeRoot ?? "/");
    const paths = new Map(
      Object.entries(PATHS).map(([path, dialect]) => [joined(root, path), dialect]),
    );
    let running: Promise<Running> | null = null;
    let closed = false;

    const open = async (): Promise<Running> => {
      const api = requireConfig<ApiNode>(RED, config.api, "API configuration");
      const services = await api.services();
      const release = await services.store.feed.acquire();
      const hub = new StreamHub(services.store.feed, { warn: (message) => this.warn(message) });
      const unsubscribe = services.auth.onChange(() => hub.recheckAll());
      const takeOut = services.health.addInside("event_stream", () => ({
        ...{ status: "healthy", listeners: hub.size, events_given_out: services.store.feed.seq },
      }));
      const guide = new GuideStream(services, hub, (message) => this.warn(message));
      const close = () => {
        unsubscribe();
        takeOut();
        guide.close();
        hub.close();
        release();
      };
      return { hub, stream: new EngineStream(services, hub), guide, close };
    };
    const start = (): Promise<Running> => {
      if (closed) return Promise.reject(new ApiError(503, "SERVICE_UNAVAILABLE", "Restarting"));
      running ??= open();
      // A failure (database not up yet) must not stick: the next one tries again.
      running.catch(() => (running = null));
      return running;
    };

    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      const dialect = paths.get(request.url?.split("?")[0] ?? "");
      if (!dialect) return;
      socket.on("error", () => socket.destroy());
      start()
        .then((streams) => streams[dialect].accept(asExpress(request, app), socket, head))
        .catch((error: unknown) => {
          if (!(error instanceof ApiError)) this.error(asError(error));
          refuse(request, socket, error);
        });
    };
    server.on("upgrade", onUpgrade);

    // Opened at once: events are put in order from the start, and not from the first listener on.
    let retryAt = 0;
    const look = (): void => {
      if (!running && Date.now() < retryAt) return;
      start().then(
        ({ hub }) => status.ok("listeners", { count: hub.size }),
        (error: unknown) => {
          retryAt = Date.now() + REOPEN_MS;
          if (!closed) status.error("unavailable");
          this.debug(asError(error).message);
        },
      );
    };
    status.busy("starting");
    look();
    const timer = setInterval(look, STATUS_EVERY_MS);

    onClose(this, async () => {
      closed = true;
      clearInterval(timer);
      server.off("upgrade", onUpgrade);
      (await running?.catch(() => null))?.close();
      status.clear();
    });
  });
};

function joined(root: string, path: string): string {
  return `/${root}/${path}`.replace(/\/+/g, "/");
}
