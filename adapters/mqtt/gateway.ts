import type { AccessRepository } from "../../core/access/ports";
import type { SettingsRepository } from "../../core/auth/ports";
import type { BarrierStatus } from "../../core/barrier/ports";
import type { ResourceRepositories } from "../../core/config/ports";
import type { EventChange, ImageStore } from "../../core/events/ports";
import { discovery, type DiscoveredLane } from "../../core/mqtt/discovery";
import { lanesOfBarriers } from "../../core/mqtt/lanes";
import { answers, statusMessage } from "../../core/mqtt/messages";
import type { Topics } from "../../core/mqtt/topics";
import type { BarrierRegistry } from "../barriers/registry";
import { configChanges } from "../config/bus";
import type { EventBus } from "../events/bus";
import type { OutboxService } from "../outbox/service";
import { packageVersion } from "../package/package";
import type { MqttAddress } from "./client";
import { ReadTarget } from "./read-target";
import { MqttSession, type MqttMessage } from "./session";

export interface GatewayOptions {
  /** Names what waits for it, over restarts. */
  id: string;
  address: MqttAddress;
  topics: Topics;
  siteName: string;
  /** Where Home Assistant looks; null: it is not told. */
  discovery: string | null;
  pictures: boolean;
  /** Whether commands are listened to at all. */
  commands: boolean;
  /** Whether Home Assistant gets buttons: the broker's word is enough. */
  buttons: boolean;
}

export interface GatewayParts {
  barriers: BarrierRegistry;
  bus: EventBus;
  outbox: OutboxService;
  images: ImageStore;
  access: AccessRepository;
  resources: ResourceRepositories;
  settings: SettingsRepository;
  clock: () => number;
  /** A message on a command's topic. */
  command: (message: MqttMessage, answer: (lane: string, reply: object) => void) => void;
  log: (level: "info" | "warn" | "error", message: string) => void;
  changed: (state: { connected: boolean; reason: string }) => void;
}

/** How often lanes and counts are looked at for what no change told of. */
const LOOK_MS = 30_000;
/** Counts are told so long after a passage, many passages at once. */
const COUNT_MS = 500;

/**
 * Tells a broker of reads, decisions and barriers below `plategate/<site>/<lane>/`,
 * announces them to Home Assistant, and hands commands on to whoever checks their right.
 */
export class MqttGateway {
  private readonly session: MqttSession;
  private readonly target: ReadTarget;
  private readonly unregister: () => Promise<void>;
  private readonly timer: NodeJS.Timeout;
  private counting: NodeJS.Timeout | null = null;
  private announcing: Promise<void> = Promise.resolve();
  /** Lanes that were announced, with what their retained topics say. */
  private readonly retained = new Map<string, string>();
  private closed = false;

  private readonly onBarrier = (status: BarrierStatus): void => void this.tellBarrier(status);
  private readonly onConfig = ({ kind }: { kind: string }): void => {
    if (kind === "lanes") void this.announce();
  };
  private readonly onRemoved = (): void => void this.announce();
  private readonly onEvent = ({ event }: EventChange): void => {
    void this.target.tellDecision(event);
    if (event.decision !== null) this.countSoon();
  };

  /** @throws Error for an address that cannot be */
  constructor(
    private readonly options: GatewayOptions,
    private readonly parts: GatewayParts,
  ) {
    const { topics, discovery: prefix, commands, address } = options;
    const listened = [
      ...(commands ? [topics.commands] : []),
      ...(prefix === null ? [] : [`${prefix}/status`]),
    ];
    const will = offline(topics.ofSite("availability"));
    this.session = new MqttSession({ ...address, will }, listened, {
      up: () => this.up(),
      down: (reason) => parts.changed({ connected: false, reason }),
      refused: (topic, reason) => {
        parts.log("warn", `MQTT: the broker refuses to let this user hear ${topic}: ${reason}`);
      },
      message: (message) => this.hear(message),
    });
    const { images, clock, log, bus, barriers } = parts;
    const { pictures } = options;
    this.target = new ReadTarget(options.id, {
      session: this.session,
      ...{ topics, images, pictures, clock, log },
    });
    this.unregister = parts.outbox.register(this.target);
    bus.on("event", this.onEvent);
    barriers.on("change", this.onBarrier);
    barriers.on("removed", this.onRemoved);
    configChanges.on("change", this.onConfig);
    this.timer = setInterval(() => void this.announce(), LOOK_MS);
    this.timer.unref();
  }

  /** Says that everything is gone, and ends the connection. */
  async close(): Promise<void> {
    this.closed = true;
    const { bus, barriers } = this.parts;
    bus.off("event", this.onEvent);
    barriers.off("change", this.onBarrier);
    barriers.off("removed", this.onRemoved);
    configChanges.off("change", this.onConfig);
    clearInterval(this.timer);
    if (this.counting) clearTimeout(this.counting);
    await this.unregister();
    await this.announcing;
    const { topics } = this.options;
    const lanes = [...this.retained.keys()].filter((topic) => topic.endsWith("/availability"));
    for (const topic of [...lanes, topics.ofSite("availability")]) {
      if (this.session.connected) await this.say(topic, "offline");
    }
    await this.session.close();
  }

  private async up(): Promise<void> {
    this.parts.changed({ connected: true, reason: "" });
    this.retained.clear(); // the broker may have lost what it kept
    await this.say(this.options.topics.ofSite("availability"), "online");
    await this.announce();
    this.parts.outbox.retryNow(this.options.id);
  }

  private hear(message: MqttMessage): void {
    if (message.topic === `${this.options.discovery}/status`) {
      // Home Assistant has started and knows nothing
      if (message.payload.toString() !== "online" || message.retained) return;
      this.retained.clear();
      void this.announce();
      return;
    }
    this.parts.command(message, (lane, reply) => {
      const topic = this.options.topics.ofLane(lane, "barrier/result");
      void this.session.publish(topic, JSON.stringify(reply));
    });
  }

  /** Tells what is there now; what was told already is not told again. Never rejects. */
  private announce(): Promise<void> {
    this.announcing = this.announcing.then(async () => {
      if (this.closed || !this.session.connected) return;
      try {
        const lanes = await this.lanes();
        await this.tellDiscovery(lanes);
        for (const barrier of this.parts.barriers.list()) await this.tellBarrier(barrier.status());
        await this.tellLanes(lanes);
        await this.tellCount();
      } catch (error) {
        this.failed(error);
      }
    });
    return this.announcing;
  }

  private failed(error: unknown): void {
    this.parts.log("warn", `MQTT: ${String(error)}`);
  }

  /** Lanes of the configuration and of barriers, each barrier with one of its own. */
  private async lanes(): Promise<DiscoveredLane[]> {
    const configured = await this.parts.resources.lanes.all();
    const lanes = new Map<string, DiscoveredLane>();
    for (const { id, fields } of configured) {
      if (fields.enabled) lanes.set(id, { id, name: fields.name, barrier: null });
    }
    const laneOf = lanesOfBarriers(this.parts.barriers.places());
    for (const barrier of this.parts.barriers.list()) {
      const id = laneOf.get(barrier.id) ?? barrier.id;
      const { name } = lanes.get(id) ?? { name: id };
      lanes.set(id, { id, name, barrier: { canClose: barrier.status().canClose } });
    }
    return [...lanes.values()];
  }

  private async tellDiscovery(lanes: DiscoveredLane[]): Promise<void> {
    const { options } = this;
    if (options.discovery === null) return;
    const { topics, siteName, pictures, buttons: commands } = options;
    const about = { topics, siteName, pictures, commands, version: packageVersion() };
    const all = discovery(lanes, { ...about, prefix: options.discovery });
    const key = `mqtt_discovery:${options.id}`;
    const before = ((await this.parts.settings.get(key)) ?? []) as string[];
    const now = all.map(({ topic }) => topic);
    for (const topic of before.filter((one) => !now.includes(one))) await this.say(topic, "");
    for (const { topic, config } of all) await this.say(topic, JSON.stringify(config));
    if (before.join() !== now.join()) {
      await this.parts.settings.set(key, now, this.parts.clock());
    }
  }

  private async tellBarrier(status: BarrierStatus): Promise<void> {
    if (this.closed || !this.session.connected) return;
    const { topics } = this.options;
    const lane = lanesOfBarriers(this.parts.barriers.places()).get(status.id);
    if (lane === undefined) return; // it was just taken away
    await this.say(topics.ofLane(lane, "barrier/state"), status.state);
    await this.say(topics.ofLane(lane, "barrier/status"), JSON.stringify(statusMessage(status)));
    const there = answers(status) ? "online" : "offline";
    await this.say(topics.ofLane(lane, "availability"), there);
  }

  /** Lanes without a barrier are there; those whose barrier went are not. */
  private async tellLanes(lanes: DiscoveredLane[]): Promise<void> {
    const { topics } = this.options;
    const topicOf = (lane: string) => topics.ofLane(lane, "availability");
    for (const { id } of lanes.filter(({ barrier }) => barrier === null)) {
      await this.say(topicOf(id), "online");
    }
    const known = new Set(lanes.map(({ id }) => topicOf(id)));
    const gone = [...this.retained.keys()].filter(
      (topic) => topic.endsWith("/availability") && !known.has(topic),
    );
    for (const topic of gone) {
      if (topic !== topics.ofSite("availability")) await this.say(topic, "offline");
    }
  }

  private countSoon(): void {
    this.counting ??= setTimeout(() => {
      this.counting = null;
      this.tellCount().catch((error: unknown) => this.failed(error));
    }, COUNT_MS);
  }

  private async tellCount(): Promise<void> {
    if (this.closed || !this.session.connected) return;
    const { access } = this.parts;
    const { topics } = this.options;
    const [state, settings] = await Promise.all([access.state(topics.site), access.settings()]);
    const inside = [...state.presences.values()].filter((presence) => presence.inside).length;
    const count = { inside, limit: settings.occupancyLimit, mode: state.mode };
    await this.say(topics.ofSite("occupancy"), JSON.stringify(count));
  }

  /** Publishes what the broker keeps, where it says something else than before. */
  private async say(topic: string, payload: string): Promise<void> {
    if (this.retained.get(topic) === payload) return;
    this.retained.set(topic, payload);
    const { result } = await this.session.publish(topic, payload, { qos: 1, retain: true });
    if (result !== "delivered") this.retained.delete(topic);
  }
}

function offline(topic: string): NonNullable<MqttAddress["will"]> {
  return { topic, payload: Buffer.from("offline"), qos: 1, retain: true };
}
