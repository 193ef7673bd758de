import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { ExporterFields } from "../../core/config/types";
import { addressRules } from "../outbound/addresses";
import { AuthenticatedOutbound } from "../outbound/auth";
import { Outbound } from "../outbound/outbound";
import { credentials, lowerCase } from "./credentials";

/** What came of a message that was really sent. */
export interface ExporterTrial {
  ok: boolean;
  /** The answer's status, where the target speaks HTTP. */
  httpStatus: number | null;
  /** Why it failed, for people; never holds a secret. */
  error: string | null;
}

/**
 * Sends one message to an exporter's target, as it would send an event.
 * @param message the JSON to send
 * @param timeoutMs for everything
 */
export async function tryExporter(
  exporter: ExporterFields,
  message: object,
  timeoutMs: number,
): Promise<ExporterTrial> {
  try {
    if (exporter.type === "mqtt") return await tryMqtt(exporter, message, timeoutMs);
    if (exporter.type === "rest" || exporter.type === "plategate") {
      return await tryRest(exporter, message, timeoutMs);
    }
    return failed(`exporters of the type ${exporter.type} cannot be tested`);
  } catch (error) {
    return failed(reasonOf(error));
  }
}

async function tryRest(
  exporter: ExporterFields,
  message: object,
  timeoutMs: number,
): Promise<ExporterTrial> {
  const outbound = new Outbound();
  try {
    const { auth, headers } = credentials(exporter.auth);
    const answer = await new AuthenticatedOutbound(outbound, auth).send(exporter.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...lowerCase(exporter.headers), ...headers },
      body: JSON.stringify(message),
      timeoutMs,
    });
    const ok = answer.status >= 200 && answer.status < 300;
    return {
      ok,
      httpStatus: answer.status,
      error: ok ? null : `the target answered ${answer.status}`,
    };
  } finally {
    await outbound.close();
  }
}

async function tryMqtt(
  { url, config }: ExporterFields,
  message: object,
  timeoutMs: number,
): Promise<ExporterTrial> {
  await refuseForbidden(new URL(url).hostname);
  const { connectAsync } = await import("mqtt");
  const text = (name: string): string | undefined => {
    const value = config[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const qos = config.qos === 1 || config.qos === 2 ? config.qos : 0;
  const username = text("username");
  const password = text("password");
  const limit = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_, reject) => {
    limit.addEventListener("abort", () => reject(new Error("no answer in time")), { once: true });
  });
  late.catch(() => undefined);
  const client = await connectAsync(url, {
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    clientId: `plategate-test-${process.pid}-${Date.now().toString(36)}`,
    connectTimeout: timeoutMs,
    reconnectPeriod: 0,
  });
  try {
    const topic = text("topic") ?? "plategate/events";
    await Promise.race([client.publishAsync(topic, JSON.stringify(message), { qos }), late]);
    return { ok: true, httpStatus: null, error: null };
  } finally {
    await client.endAsync(true);
  }
}

/** Addresses that no outbound connection may go to, after name resolution. */
async function refuseForbidden(host: string): Promise<void> {
  const forbidden = addressRules(process.env.OUTBOUND_DENY ?? "");
  const plain = host.replace(/^\[|\]$/g, "");
  const addresses = isIP(plain) !== 0 ? [{ address: plain }] : await lookup(plain, { all: true });
  const bad = addresses.find(({ address }) => forbidden(address));
  if (bad) throw new Error(`${bad.address} is an address that is not allowed`);
}

function failed(error: string): ExporterTrial {
  return { ok: false, httpStatus: null, error };
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: "Connection refused",
  ENOTFOUND: "The host is not known",
  EHOSTUNREACH: "The host cannot be reached",
  ETIMEDOUT: "Connection timeout",
  ECONNRESET: "The connection was reset",
};

/** For people: the code where it is a known one, else the message, which names no secret. */
function reasonOf(error: unknown): string {
  const codes: string[] = [];
  for (let at = error; at instanceof Error && codes.length < 8; at = at.cause) {
    const inner = at instanceof AggregateError ? (at.errors[0] as unknown) : at;
    const { code } = inner as { code?: unknown };
    codes.push(typeof code === "string" ? code : "");
  }
  const known = codes.map((code) => REASONS[code]).find((text) => text !== undefined);
  if (known) return known;
  return error instanceof Error && error.message ? error.message : "no connection";
}
