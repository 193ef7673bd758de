import type { MqttClient } from "mqtt";
import type { Outcome } from "../../core/outbox/types";
import { shownUrl } from "../outbound/errors";
import { CONNECT_TIMEOUT_MS, inTime, openClient, type MqttAddress } from "./client";

/** A connection to a broker, made at the first use and anew at the next after it was lost. */
export class MqttConnection {
  private client: MqttClient | null = null;
  private lastError = "no connection";
  private closed = false;

  constructor(private readonly address: MqttAddress) {}

  /**
   * Publishes and waits for the broker's word (QoS 1 and 2). Never rejects: a broker
   * that is away or does not answer in time is "unavailable".
   */
  async publish(
    topic: string,
    payload: string | Buffer,
    options: { qos: 0 | 1 | 2; retain?: boolean },
  ): Promise<Outcome> {
    try {
      const client = await this.connected();
      await inTime(client.publishAsync(topic, payload, options));
      return { result: "delivered" };
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      // what was not confirmed is tried again from the outbox, not from the client's memory
      this.drop();
      return { result: "unavailable", error: `${shownUrl(this.address.url)}: ${text}` };
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const { client } = this;
    this.client = null;
    await client?.endAsync(true);
  }

  private drop(): void {
    this.client?.end(true);
    this.client = null;
  }

  private async connected(): Promise<MqttClient> {
    if (this.closed) throw new Error("closed");
    const client = (this.client ??= this.open(await import("mqtt")));
    if (client.connected) return client;
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error) => {
        clearTimeout(timer);
        client.off("connect", connect);
        client.off("close", close);
        if (error) reject(error);
        else resolve();
      };
      const connect = () => done();
      const close = () => done(new Error(this.lastError));
      const timer = setTimeout(() => done(new Error("no answer in time")), CONNECT_TIMEOUT_MS);
      client.on("connect", connect);
      client.on("close", close);
    });
    return client;
  }

  private open(library: typeof import("mqtt")): MqttClient {
    const client = openClient(library, this.address);
    client.on("error", (error) => (this.lastError = error.message || this.lastError));
    client.once("close", () => {
      if (this.client === client) this.drop();
    });
    return client;
  }
}
