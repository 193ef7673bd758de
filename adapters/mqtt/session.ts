import type { MqttClient } from "mqtt";
import type { Outcome } from "../../core/outbox/types";
import { shownUrl } from "../outbound/errors";
import { inTime, openClient, type MqttAddress } from "./client";

/** After about this long a lost connection is made again. */
const RECONNECT_MS = 2_000;

export interface MqttMessage {
  topic: string;
  payload: Buffer;
  /** It was kept by the broker, and not sent just now. */
  retained: boolean;
}

export interface SessionCallbacks {
  /** The connection stands, at first and after each loss; what it is subscribed to follows. */
  up: () => void | Promise<void>;
  down: (reason: string) => void;
  /** The broker does not let this user listen to a topic; said after `up`, the rest goes on. */
  refused: (topic: string, reason: string) => void;
  message: (message: MqttMessage) => void;
}

/**
 * A standing connection to a broker that listens to topics and is made again when it
 * is lost. The broker keeps nothing for it: what was said while it was away is not heard
 * later, and what was not confirmed is not said again behind the caller's back.
 */
export class MqttSession {
  private client: MqttClient | null = null;
  private reason = "no connection";
  private closed = false;
  private retry: NodeJS.Timeout | null = null;
  private opening: Promise<void> = Promise.resolve();

  /** @throws Error for an address that cannot be */
  constructor(
    private readonly address: MqttAddress,
    private readonly topics: readonly string[],
    private readonly callbacks: SessionCallbacks,
  ) {
    if (!URL.canParse(address.url)) throw new Error("the broker's address is none");
    this.connect();
  }

  get connected(): boolean {
    return this.client?.connected === true;
  }

  /** Publishes and waits for the broker's word (QoS 1 and 2). Never rejects. */
  async publish(
    topic: string,
    payload: string | Buffer,
    options: { qos: 0 | 1 | 2; retain?: boolean } = { qos: 1 },
  ): Promise<Outcome> {
    const { client } = this;
    if (!client?.connected) return this.away(this.reason);
    try {
      await inTime(client.publishAsync(topic, payload, options));
      return { result: "delivered" };
    } catch (error) {
      return this.away(textOf(error));
    }
  }

  /** Ends it; the broker does not publish the last will. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.retry) clearTimeout(this.retry);
    await this.opening.catch(() => undefined);
    await this.client?.endAsync(!this.client.connected);
    this.client = null;
  }

  private away(reason: string): Outcome {
    return { result: "unavailable", error: `${shownUrl(this.address.url)}: ${reason}` };
  }

  private connect(): void {
    this.opening = this.open();
    this.opening.catch((error: unknown) => this.callbacks.down(textOf(error)));
  }

  private async open(): Promise<void> {
    const library = await import("mqtt");
    if (this.closed) return;
    const client = openClient(library, this.address);
    this.client = client;
    client.on("error", (error) => (this.reason = error.message || this.reason));
    client.on("message", (topic, payload, packet) => {
      this.callbacks.message({ topic, payload, retained: packet.retain });
    });
    client.once("close", () => this.lost(client));
    client.once("connect", () => void this.welcome(client));
  }

  /** Publications under way fail now; another client takes this one's place. */
  private lost(client: MqttClient): void {
    if (this.closed) return;
    client.end(true);
    this.callbacks.down(this.reason);
    const wait = RECONNECT_MS * (1 - Math.random() / 2);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private async welcome(client: MqttClient): Promise<void> {
    this.reason = "the connection was lost";
    const refused: [topic: string, reason: string][] = [];
    for (const topic of this.topics) {
      await client
        .subscribeAsync(topic, { qos: 1 })
        .catch((error: unknown) => refused.push([topic, textOf(error)]));
    }
    if (this.closed || !client.connected) return; // its end is told by itself
    try {
      await this.callbacks.up();
    } catch (error) {
      this.callbacks.down(textOf(error));
    }
    for (const [topic, reason] of refused) this.callbacks.refused(topic, reason);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
