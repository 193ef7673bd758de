import type { ExporterFields } from "../../core/config/types";
import { AuthenticatedOutbound } from "../outbound/auth";
import { lowerCase } from "../outbound/headers";
import { Outbound, type OutboundAnswer } from "../outbound/outbound";
import { credentials } from "./credentials";
import { ingestUrl } from "./http-sinks";
import { MqttSink } from "./mqtt-sink";
import { fileSink, type ExporterParts } from "./target";
import { S3Sink } from "./s3-sink";

/** What came of a message that was really sent. */
export interface ExporterTrial {
  ok: boolean;
  /** The answer's status, where the target speaks HTTP. */
  httpStatus: number | null;
  /** Why it failed, for people; never holds a secret. */
  error: string | null;
}

/**
 * Sends one message to an exporter's target, as it would send an event. What is put into
 * a folder or a bucket is taken out again.
 * @param message the JSON to send
 * @param timeoutMs for everything
 */
export async function tryExporter(
  exporter: ExporterFields,
  message: Record<string, unknown>,
  timeoutMs: number,
  parts: Omit<ExporterParts, "images">,
): Promise<ExporterTrial> {
  const limit = AbortSignal.timeout(timeoutMs);
  const late = new Promise<never>((_, reject) => {
    limit.addEventListener("abort", () => reject(new Error("no answer in time")), { once: true });
  });
  late.catch(() => undefined);
  const trial = async (): Promise<ExporterTrial> => {
    switch (exporter.type) {
      case "rest":
        return tryRest(exporter, message, timeoutMs);
      case "plategate":
        return tryPlategate(exporter, timeoutMs);
      case "mqtt":
        return tryMqtt(exporter, message, limit);
      case "s3":
        return tryS3(exporter, message, limit, parts.env);
      case "file":
        await fileSink(exporter, parts).probe();
        return SUCCESS;
    }
  };
  try {
    return await Promise.race([trial(), late]);
  } catch (error) {
    return failed(reasonOf(error));
  }
}

const SUCCESS: ExporterTrial = { ok: true, httpStatus: null, error: null };

async function tryRest(
  exporter: ExporterFields,
  message: object,
  timeoutMs: number,
): Promise<ExporterTrial> {
  const { status } = await post(exporter, exporter.url, message, timeoutMs);
  const ok = status >= 200 && status < 300;
  return { ok, httpStatus: status, error: ok ? null : `the target answered ${status}` };
}

/**
 * Asks the other Plategate's ingest to take an event without a plate: it looks at the key
 * first and refuses the event then, so that nothing is stored there.
 */
async function tryPlategate(exporter: ExporterFields, timeoutMs: number): Promise<ExporterTrial> {
  const answer = await post(exporter, ingestUrl(exporter.url), { plate_text: "" }, timeoutMs);
  const { status } = answer;
  if (status === 400 && answer.body.includes('"VALIDATION_ERROR"')) return SUCCESS;
  const refused = status === 401 || status === 403;
  const why = refused ? ": the key is refused, or may not ingest" : ": it is no Plategate";
  return { ok: false, httpStatus: status, error: `the target answered ${status}${why}` };
}

async function post(
  exporter: ExporterFields,
  url: string,
  body: object,
  timeoutMs: number,
): Promise<OutboundAnswer> {
  const outbound = new Outbound();
  try {
    const { auth, headers } = credentials(exporter.auth);
    return await new AuthenticatedOutbound(outbound, auth).send(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...lowerCase(exporter.headers), ...headers },
      body: JSON.stringify(body),
      timeoutMs,
    });
  } finally {
    await outbound.close();
  }
}

/** Over the connection that events take, so that no other addresses can be reached. */
async function tryMqtt(
  exporter: ExporterFields,
  message: Record<string, unknown>,
  signal: AbortSignal,
): Promise<ExporterTrial> {
  const sink = new MqttSink(exporter);
  const close = (): void => void sink.close().catch(() => undefined);
  signal.addEventListener("abort", close, { once: true });
  try {
    const [outcome] = await sink.write([{ id: "test", data: message, event: null }]);
    if (outcome?.result === "delivered") return SUCCESS;
    return failed(known(outcome && "error" in outcome ? outcome.error : "") ?? "no connection");
  } finally {
    close();
  }
}

async function tryS3(
  exporter: ExporterFields,
  message: Record<string, unknown>,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv,
): Promise<ExporterTrial> {
  const sink = new S3Sink(exporter, env);
  try {
    const refused = await sink.probe({ id: "plategate-test", data: message, event: null }, signal);
    if (refused === null) return SUCCESS;
    const { what, status } = refused;
    return { ok: false, httpStatus: status, error: `${what}: the store answered ${status}` };
  } finally {
    await sink.close();
  }
}

/** A text for people where it names a code that is known, else the text. */
function known(text: string): string | null {
  const code = Object.keys(REASONS).find((one) => text.includes(one));
  return code === undefined ? text || null : (REASONS[code] ?? null);
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
