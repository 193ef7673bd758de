import type { Node, NodeAPI, NodeDef } from "node-red";
import { events as bus } from "../../adapters/events/bus";
import { MqttGateway } from "../../adapters/mqtt/gateway";
import { MqttCommands } from "../../api/mqtt/commands";
import { requireConfig, type ApiNode, type SiteNode } from "../shared/config-nodes";
import { asError, NodeStatus, onClose } from "../shared/kit";
import {
  gatewaySettings,
  type GatewayFields,
  type GatewaySecrets,
  type GatewaySettings,
} from "./options";

type GatewayConfig = NodeDef & GatewayFields & { api: string; site: string };

/** A store that is not there yet is asked for again after this time. */
const RETRY_MS = 5_000;

/** Reads, decisions and barriers on an MQTT broker, and in Home Assistant. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType<Node<GatewaySecrets>, GatewayConfig, object, GatewaySecrets>(
    "mqtt-gateway",
    function (this: Node<GatewaySecrets>, config: GatewayConfig) {
      RED.nodes.createNode(this, config);
      const status = new NodeStatus(RED, this);
      try {
        const found = gatewaySettings(config, this.credentials ?? {}, siteOf(RED, config.site), {
          ...process.env,
        });
        if (found) new Running(RED, this, config, status, found).start();
        else status.set("grey", "ring", "off");
      } catch (error) {
        status.error("misconfigured");
        this.error(asError(error));
      }
    },
    { credentials: { password: { type: "password" } } },
  );
};

function siteOf(RED: NodeAPI, id: string): { id: string; name: string } {
  if (!id) return { id: "default", name: "Plategate" };
  const { siteId, siteName } = requireConfig<SiteNode>(RED, id, RED._("mqtt-gateway.site"));
  return { id: siteId, name: siteName || siteId };
}

class Running {
  private gateway: Promise<MqttGateway | null> = Promise.resolve(null);
  private retry: NodeJS.Timeout | null = null;
  private closed = false;
  private lastProblem = "";

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly config: GatewayConfig,
    private readonly status: NodeStatus,
    private readonly settings: GatewaySettings,
  ) {
    onClose(node, () => this.close());
  }

  start(): void {
    this.status.busy("connecting");
    this.gateway = this.open().catch((error: unknown) => {
      this.tell(asError(error).message);
      this.status.error("failed");
      if (!this.closed) this.retry = setTimeout(() => this.start(), RETRY_MS);
      return null;
    });
  }

  private async open(): Promise<MqttGateway | null> {
    const { node, RED, settings } = this;
    const api = requireConfig<ApiNode>(RED, this.config.api, RED._("mqtt-gateway.api"));
    const { auth, barriers, images, access, resources, store, ...rest } = await api.services();
    if (this.closed) return null;
    const clock = Date.now;
    const log = (level: "info" | "warn" | "error", message: string): void =>
      node[level === "info" ? "log" : level](message);
    const { topics } = settings.options;
    const commands = new MqttCommands({ auth, barriers, topics, ...settings, clock, log });
    return new MqttGateway(
      { ...settings.options, id: `mqtt-${node.id}` },
      {
        ...{ barriers, bus, images, access, resources, clock, log },
        outbox: store.outbox,
        settings: rest.settings,
        command: (message, answer) => void commands.take(message, answer),
        changed: ({ connected, reason }) => this.show(connected, reason),
      },
    );
  }

  private show(connected: boolean, reason: string): void {
    if (this.closed) return;
    if (connected) {
      this.lastProblem = "";
      this.status.ok("connected");
      return;
    }
    this.status.error("away");
    this.tell(this.RED._("mqtt-gateway.log.away", { reason }));
  }

  /** The same trouble once until it is over. */
  private tell(problem: string): void {
    if (problem !== this.lastProblem) this.node.warn(problem);
    this.lastProblem = problem;
  }

  private async close(): Promise<void> {
    this.closed = true;
    if (this.retry) clearTimeout(this.retry);
    await (await this.gateway)?.close();
    this.status.clear();
  }
}
