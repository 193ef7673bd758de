import type { NodeAPI } from "node-red";
import { Assembler } from "../../adapters/pushed/assembler";
import { ReportStream, type StreamState } from "../../adapters/pushed/stream";
import { Outbound } from "../../adapters/outbound/outbound";
import { MqttSession } from "../../adapters/mqtt/session";
import { ApiError } from "../../api/errors";
import { decodeReport } from "../../core/pushed/decode";
import type { PushedImages, PushedRead, PushSource } from "../../core/pushed/types";
import type { Intake } from "./options";
import { receive } from "./receiver";

export interface IntakeCallbacks {
  /** Takes a read in. @returns false where too many wait */
  read: (read: PushedRead, images: PushedImages) => boolean;
  /** @param reason for people, without secrets */
  state: (state: StreamState | "listening", reason: string) => void;
  /** A report that cannot be understood. */
  broken: (reason: string) => void;
}

const NO_IMAGES: PushedImages = { frame: null, crop: null };

/** Opens the way reports come in. @returns closes it. @throws Error where that cannot be */
export function openIntake(
  RED: NodeAPI,
  source: PushSource,
  intake: Intake,
  callbacks: IntakeCallbacks,
): () => Promise<void> {
  switch (intake.kind) {
    case "stream":
      return overStream(source, intake, callbacks);
    case "push":
      return overHttp(RED, source, intake, callbacks);
    case "mqtt":
      return overMqtt(source, intake, callbacks);
  }
}

function overStream(
  source: PushSource,
  { stream }: Extract<Intake, { kind: "stream" }>,
  { read, state }: IntakeCallbacks,
): () => Promise<void> {
  const assembler = new Assembler(
    (text) => decodeReport(source, text)[0]?.pictures ?? null,
    ({ text, images }) => {
      for (const one of decodeReport(source, text)) read(one, images);
    },
  );
  const reports = new ReportStream(stream, {
    part: (part) => assembler.take(part),
    state,
    ended: () => assembler.flush(),
  });
  return async () => {
    await reports.close();
    assembler.flush();
  };
}

function overHttp(
  RED: NodeAPI,
  source: PushSource,
  { name, secret }: Extract<Intake, { kind: "push" }>,
  { read, state, broken }: IntakeCallbacks,
): () => Promise<void> {
  const stop = receive(RED, name, {
    secret,
    take({ texts, images }) {
      const found = texts.flatMap((text) => {
        try {
          return decodeReport(source, text);
        } catch (error) {
          // a form has fields besides the report
          if (texts.length > 1) return [];
          broken(String(error));
          throw error;
        }
      });
      if (found.every((one) => read(one, images))) return Promise.resolve();
      return Promise.reject(ApiError.unavailable("Too many reports wait: send it again"));
    },
  });
  state("listening", "");
  return () => {
    stop();
    return Promise.resolve();
  };
}

function overMqtt(
  source: PushSource,
  { address, topic, apiUrl }: Extract<Intake, { kind: "mqtt" }>,
  { read, state, broken }: IntakeCallbacks,
): () => Promise<void> {
  const outbound = new Outbound();
  const topics = [`${topic}/tracked_object_update`, `${topic}/events`];
  const take = async (text: string): Promise<void> => {
    for (const one of decodeReport(source, text)) {
      const frame = one.phase === "end" ? await snapshot(outbound, apiUrl, one.track) : null;
      read(one, frame ? { frame, crop: null } : NO_IMAGES);
    }
  };
  const session = new MqttSession(address, topics, {
    up: () => state("live", ""),
    down: (reason) => state("lost", reason),
    refused: (about, reason) => state("refused", `the broker refuses ${about}: ${reason}`),
    message: ({ payload, retained }) => {
      if (retained) return;
      take(payload.toString("utf8")).catch((error: unknown) => broken(String(error)));
    },
  });
  return async () => {
    await session.close();
    await outbound.close();
  };
}

/** Frigate's picture of a tracked object; a passage without one is worth keeping too. */
async function snapshot(
  outbound: Outbound,
  apiUrl: string | null,
  id: string | null,
): Promise<Buffer | null> {
  if (apiUrl === null || id === null) return null;
  const path = `api/events/${encodeURIComponent(id)}/snapshot.jpg`;
  const base = apiUrl.endsWith("/") ? apiUrl : `${apiUrl}/`;
  try {
    const limits = { timeoutMs: 3_000, maxBytes: 20 * 1024 * 1024 };
    const { status, body } = await outbound.send(new URL(path, base).href, limits);
    return status === 200 ? body : null;
  } catch {
    return null;
  }
}
