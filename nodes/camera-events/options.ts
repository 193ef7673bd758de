import { loginOf, type MqttAddress } from "../../adapters/mqtt/client";
import type { StreamOptions } from "../../adapters/pushed/stream";
import type { PushOptions } from "../../core/pushed/passages";
import { PUSH_SOURCES, type PushSource } from "../../core/pushed/types";
import { numberField } from "../shared/kit";
import { laneLines } from "../shared/lane-lines";

/** The node's settings as the editor saves them. */
export interface EventsFields {
  source: PushSource;
  cameraId: string;
  laneId: string;
  /** A line a camera: "CAM001 = entry". */
  lanes: string;
  /** "stream": we connect to the camera; "push": it sends to us. */
  how: "stream" | "push";
  url: string;
  user: string;
  ca: string;
  insecureTls: boolean;
  stallSeconds: string | number;
  path: string;
  topic: string;
  apiUrl: string;
  clock: "camera" | "arrival";
  lateSeconds: string | number;
  sameSeconds: string | number;
  assumedConfidence: string | number;
}

export interface EventsSecrets {
  password?: string;
  secret?: string;
}

/** How reports come in. */
export type Intake =
  | { kind: "stream"; stream: StreamOptions }
  | { kind: "push"; name: string; secret: string }
  | { kind: "mqtt"; address: MqttAddress; topic: string; apiUrl: string | null };

/** Sources that can be connected to; of the others each has one way. */
const STREAMS: Partial<Record<PushSource, string>> = {
  hikvision: "/ISAPI/Event/notification/alertStream",
  dahua:
    "/cgi-bin/snapManager.cgi?action=attachFileProc&channel=1&heartbeat=5&Flags[0]=Event&Events=[TrafficJunction]",
};

/** A secret that cannot be guessed by trying. */
const SHORTEST_SECRET = 12;

/** @throws Error naming the field that cannot be used */
export function pushOptions(fields: EventsFields): PushOptions {
  const source = PUSH_SOURCES.find((one) => one === fields.source);
  if (!source) throw new Error("choose what sends the reads");
  const lanes = laneLines(fields.lanes ?? "");
  const own = fields.laneId?.trim() || null;
  const assumed = numberField(fields.assumedConfidence, 0.9);
  if (!(assumed >= 0 && assumed <= 1)) throw new Error("a confidence is between 0 and 1");
  return {
    source,
    cameraId: fields.cameraId?.trim() || source,
    laneOf: (camera) => lanes.get(camera) ?? own,
    assumedConfidence: assumed,
    lateMs: Math.max(0, numberField(fields.lateSeconds, 30)) * 1000,
    sameMs: Math.max(0, numberField(fields.sameSeconds, 5)) * 1000,
    clock: fields.clock === "arrival" ? "arrival" : "camera",
  };
}

/** @throws Error naming what is missing: without a secret nothing is listened to */
export function intakeOf(fields: EventsFields, secrets: EventsSecrets, id: string): Intake {
  if (fields.source === "frigate") return overMqtt(fields, secrets);
  const path = STREAMS[fields.source];
  const pushed = fields.source === "hikvision" && fields.how === "push";
  if (path !== undefined && !pushed) return overStream(fields, secrets, path);
  const secret = secrets.secret ?? "";
  if (secret.length < SHORTEST_SECRET) {
    throw new Error(`a secret of at least ${SHORTEST_SECRET} characters must be set`);
  }
  const name = fields.path?.trim() || id;
  if (!/^[\w-]{1,64}$/.test(name)) throw new Error("the path has letters, digits, - and _ alone");
  return { kind: "push", name, secret };
}

function overStream(fields: EventsFields, { password }: EventsSecrets, path: string): Intake {
  const url = addressOf(fields.url, /^https?:$/, "http://192.168.1.64");
  const user = fields.user || decodeURIComponent(url.username);
  const login = { user, password: password || decodeURIComponent(url.password) };
  url.username = url.password = "";
  const whole = url.pathname === "/" && url.search === "" ? new URL(path, url) : url;
  const stallMs = Math.max(5, numberField(fields.stallSeconds, 60)) * 1000;
  const insecureTls = fields.insecureTls === true;
  return { kind: "stream", stream: { url: whole.href, ...login, stallMs, insecureTls } };
}

function overMqtt(fields: EventsFields, { password }: EventsSecrets): Intake {
  const { href: url } = addressOf(fields.url, /^mqtts?:$/, "mqtt://broker.local");
  const api = fields.apiUrl?.trim();
  const apiUrl = api ? addressOf(api, /^https?:$/, "http://frigate:5000").href : null;
  const topic = fields.topic?.trim() || "frigate";
  if (/[+#]/.test(topic)) throw new Error("the topic has no + and no #");
  const address = { url, username: fields.user, password, ca: fields.ca?.trim() || undefined };
  // whoever may publish there opens the gate: not everybody on the network
  if (!loginOf(address)?.password) {
    throw new Error("the broker's user and password must be set: it must not be open to everybody");
  }
  return { kind: "mqtt", address, topic, apiUrl };
}

function addressOf(text: string, protocol: RegExp, example: string): URL {
  const given = text?.trim() ?? "";
  if (!URL.canParse(given) || !protocol.test(new URL(given).protocol)) {
    throw new Error(`the address is written like ${example}`);
  }
  return new URL(given);
}
