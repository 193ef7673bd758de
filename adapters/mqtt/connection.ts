import type { IClientOptions, MqttClient } from "mqtt";
import type { Outcome } from "../../core/outbox/types";
import { shownUrl } from "../outbound/errors";
import { outboundSocket } from "../outbound/sockets";

export interface MqttAddress {
  /** mqtt:// or mqtts://; a user and password in it count where none are given. */
  url: string;
  username?: string | undefined;
  password?: string | undefined;
  /** PEM of the authority that signed the broker's certificate, where it is a private one. */
  ca?: string | undefined;
  clientId?: string | undefined;
  /** Published by the broker when this connection is lost. */
  will?: IClientOptions["will"];
}

/** How long a publication may take, the connection included. */
const TIMEOUT_MS = 10_000;
const RECONNECT_MS = 2_000;

/** A connection to a broker that comes back by itself. Made at the first use. */
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
      const timer = setTimeout(() => done(new Error("no answer in time")), TIMEOUT_MS);
      client.on("connect", connect);
      client.on("close", close);
    });
    return client;
  }

  private open({ MqttClient: Client }: typeof import("mqtt")): MqttClient {
    const { url, username, password, ca, clientId, will } = this.address;
    const target = new URL(url);
    const secure = target.protocol === "mqtts:" || target.protocol === "ssl:";
    if (!secure && !["mqtt:", "tcp:"].includes(target.protocol)) {
      throw new Error("neither mqtt:// nor mqtts://");
    }
    const user = username || decodeURIComponent(target.username);
    const client = new Client(
      () =>
        outboundSocket({
          host: target.hostname,
          port: Number(target.port) || (secure ? 8883 : 1883),
          tls: secure ? (ca ? { ca } : {}) : undefined,
        }),
      {
        ...(user ? { username: user } : {}),
        ...(user ? { password: password || decodeURIComponent(target.password) } : {}),
        ...(will ? { will } : {}),
        clientId: clientId ?? `plategate-${Math.random().toString(36).slice(2, 12)}`,
        reconnectPeriod: RECONNECT_MS,
        connectTimeout: TIMEOUT_MS,
        // what is not confirmed waits in the outbox: a second queue here would send it twice
        queueQoSZero: false,
        resubscribe: true,
      },
    );
    client.on("error", (error) => (this.lastError = error.message || this.lastError));
    client.stream?.on?.("error", (error: Error) => (this.lastError = error.message));
    return client;
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error("no answer in time")), TIMEOUT_MS);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
