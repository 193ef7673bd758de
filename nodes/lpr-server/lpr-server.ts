import type { Node, NodeAPI, NodeDef } from "node-red";
import { DatabaseLprCameras } from "../../adapters/database/repositories/lpr-cameras";
import { LprServer } from "../../api/lpr/server";
import { requireConfig, type ApiNode } from "../shared/config-nodes";
import { asError, NodeStatus, onClose } from "../shared/kit";
import { lprOptions, type LprFields } from "./options";

type LprConfig = NodeDef & LprFields & { api: string };

/** A port that is taken, or a store that is not there yet, is tried again after this time. */
const RETRY_MS = 5_000;

/** The LPR server on its own port; passages of cameras with a lane go out to be decided. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("lpr-server", function (this: Node, config: LprConfig) {
    RED.nodes.createNode(this, config);
    new Running(RED, this, config).start();
  });
};

class Running {
  private readonly status: NodeStatus;
  private server: Promise<LprServer | null> = Promise.resolve(null);
  private retry: NodeJS.Timeout | null = null;
  private closed = false;
  private lastProblem = "";

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly config: LprConfig,
  ) {
    this.status = new NodeStatus(RED, node);
    onClose(node, () => this.close());
  }

  start(): void {
    let options: ReturnType<typeof lprOptions>;
    try {
      options = lprOptions(this.config, process.env);
    } catch (error) {
      this.status.error("misconfigured");
      this.node.error(asError(error));
      return;
    }
    if (options === null) {
      this.status.set("grey", "ring", "off");
      return;
    }
    const found = options;
    const attempt = (): void => {
      this.server = this.open(found).catch((error: unknown) => {
        this.failed(asError(error));
        if (!this.closed) this.retry = setTimeout(attempt, RETRY_MS);
        return null;
      });
    };
    attempt();
  }

  private async open(options: NonNullable<ReturnType<typeof lprOptions>>): Promise<LprServer> {
    const { node, RED } = this;
    const api = requireConfig<ApiNode>(RED, this.config.api, RED._("lpr-server.api"));
    const { auth, events, images, links, store } = await api.services();
    const { database } = await store.open();
    const server = await LprServer.open(options, {
      auth,
      events,
      images,
      links,
      writer: store.writer,
      lookUps: store.lookUps,
      cameras: new DatabaseLprCameras(database),
      hasGate: () => (this.config.wires?.[0]?.length ?? 0) > 0,
      decide: (passage) => node.send({ passage, payload: passage.text }),
      changed: (clients, online) => this.show(clients, online),
      log: (message) => node.error(message),
    });
    node.log(RED._("lpr-server.log.listening", { host: options.host, port: options.port }));
    this.lastProblem = "";
    this.show(0, 0);
    return server;
  }

  private show(clients: number, online: number): void {
    if (!this.closed) this.status.ok("listening", { clients, online });
  }

  private failed(error: Error): void {
    const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    this.status.error(taken ? "portTaken" : "failed");
    if (error.message !== this.lastProblem) this.node.error(error);
    this.lastProblem = error.message;
  }

  private async close(): Promise<void> {
    this.closed = true;
    if (this.retry) clearTimeout(this.retry);
    await (await this.server)?.close();
    this.status.clear();
  }
}
