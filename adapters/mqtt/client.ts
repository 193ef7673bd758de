import type { IClientOptions, MqttClient } from "mqtt";
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

/** How long a connection may take to be made. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** A broker that is silent for longer than this, and half again, is gone. */
const KEEPALIVE_S = 20;

/** The user and password that count; null where none is named. */
export function loginOf({ url, username, password }: MqttAddress): {
  user: string;
  password: string;
} | null {
  const target = new URL(url);
  const user = username || decodeURIComponent(target.username);
  return user ? { user, password: password || decodeURIComponent(target.password) } : null;
}

/**
 * A client over a guarded connection, which is made at once and once: a client of the
 * library that makes its own again cannot be ended for good while nobody answers.
 * @throws Error for an address of another kind
 */
export function openClient(
  { MqttClient: Client }: typeof import("mqtt"),
  address: MqttAddress,
): MqttClient {
  const { url, ca, clientId, will } = address;
  const target = new URL(url);
  const secure = target.protocol === "mqtts:" || target.protocol === "ssl:";
  if (!secure && !["mqtt:", "tcp:"].includes(target.protocol)) {
    throw new Error("neither mqtt:// nor mqtts://");
  }
  const login = loginOf(address);
  return new Client(
    () =>
      outboundSocket({
        host: target.hostname,
        port: Number(target.port) || (secure ? 8883 : 1883),
        tls: secure ? (ca ? { ca } : {}) : undefined,
      }),
    {
      ...(login ? { username: login.user, password: login.password } : {}),
      ...(will ? { will } : {}),
      clientId: clientId || `plategate-${Math.random().toString(36).slice(2, 12)}`,
      keepalive: KEEPALIVE_S,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // what is not confirmed waits in the outbox: a second queue here would send it twice
      queueQoSZero: false,
    },
  );
}

/** The result of some work, unless it takes longer than a connection may. */
export async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error("no answer in time")), CONNECT_TIMEOUT_MS);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
