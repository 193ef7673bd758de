import { BarrierError, type BarrierInputs } from "../../core/barrier/ports";
import type { OutboundAuth } from "../outbound/auth";
import { HTTP_PRESETS, httpPreset, type HttpPreset } from "./http-presets";
import type { HttpAction, HttpActions, HttpDriverOptions } from "./http-types";

/** The fields of a form, a flow or a command line, as typed. */
export interface HttpFields {
  preset?: string;
  url?: string;
  channel?: string | number;
  timeoutMs?: string | number;
  auth?: string;
  /** PEM of the certificate authority that signed the device's certificate. */
  ca?: string;
  acceptAnyCertificate?: boolean;
  followRedirects?: boolean;
  /** With preset "custom": the requests as JSON, see {@link HttpActions}. */
  actions?: string | HttpActions;
  /** Rules for the inputs in the status answer, e.g. {"loop": "input:0.state"}. */
  inputRules?: string | Partial<Record<keyof BarrierInputs, string>>;
}

export interface HttpSecrets {
  user?: string;
  password?: string;
  token?: string;
}

/**
 * Turns the fields into what the driver wants.
 * @throws BarrierError "configuration", naming the field
 */
export function httpOptions(fields: HttpFields, secrets: HttpSecrets = {}): HttpDriverOptions {
  const url = checkedUrl(fields.url);
  const preset = fields.preset || "shelly-gen2";
  const custom = preset === "custom";
  if (!custom && !HTTP_PRESETS.includes(preset as HttpPreset)) {
    throw wrong(`no preset "${preset}": one of ${HTTP_PRESETS.join(", ")}, custom`);
  }
  const actions = custom
    ? parsed<HttpActions>(fields.actions, "actions")
    : httpPreset(preset as HttpPreset);
  if (!isAction(actions.open)) throw wrong("actions: `open` needs a method and a path");
  const rules = fields.inputRules
    ? parsed<Partial<Record<keyof BarrierInputs, string>>>(fields.inputRules, "inputs")
    : {};
  withInputs(actions, rules);
  return {
    ...actions,
    deviceTimed: actions.deviceTimed === true,
    url,
    channel: wholeNumber(fields.channel, defaultChannel(preset), "channel", 0, 255),
    auth: authOf(fields.auth, secrets),
    timeoutMs: wholeNumber(fields.timeoutMs, 3_000, "timeout", 100, 60_000),
    maxRedirects: fields.followRedirects === true ? 3 : 0,
    tls: {
      ...(fields.ca?.trim() ? { ca: fields.ca } : {}),
      ...(fields.acceptAnyCertificate === true ? { rejectUnauthorized: false } : {}),
    },
  };
}

/** Cameras and ControlByWeb count from 1, Shelly from 0. */
function defaultChannel(preset: string): number {
  return preset === "hikvision" || preset === "dahua" ? 1 : 0;
}

function wrong(message: string): BarrierError {
  return new BarrierError("configuration", message);
}

function checkedUrl(text: string | undefined): string {
  if (!text?.trim()) throw wrong("the device's address is empty");
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw wrong("the device's address is not a URL");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw wrong("the device's address must start with http:// or https://");
  }
  if (url.username || url.password) {
    throw wrong("user and password belong into their own fields, not into the address");
  }
  return text.trim();
}

function parsed<T>(value: string | T | undefined, name: string): T {
  if (typeof value !== "string") {
    if (value === undefined) throw wrong(`${name} are empty`);
    return structuredClone(value);
  }
  let found: unknown;
  try {
    found = JSON.parse(value);
  } catch {
    throw wrong(`${name}: not JSON`);
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) {
    throw wrong(`${name}: not a JSON object`);
  }
  return found as T;
}

function isAction(action: HttpAction | undefined): boolean {
  return typeof action?.method === "string" && typeof action.path === "string";
}

const INPUTS = ["opened", "closed", "loop", "photocell", "fault"];

function withInputs(
  actions: HttpActions,
  rules: Partial<Record<keyof BarrierInputs, string>>,
): void {
  const given = Object.entries(rules).filter(([, rule]) => rule !== "");
  if (given.length === 0) return;
  const unknown = given.find(([name, rule]) => !INPUTS.includes(name) || typeof rule !== "string");
  if (unknown) throw wrong(`inputs: "${unknown[0]}" is none of ${INPUTS.join(", ")}`);
  if (!actions.status) throw wrong("inputs need a status request, which this preset has not");
  actions.status.inputs = { ...actions.status.inputs, ...Object.fromEntries(given) };
}

function authOf(type: string | undefined, secrets: HttpSecrets): OutboundAuth {
  const { user = "", password = "", token = "" } = secrets;
  switch (type ?? "none") {
    case "":
    case "none":
      return { type: "none" };
    case "basic":
    case "digest":
      if (!user) throw wrong("the user is empty");
      return { type: type as "basic" | "digest", user, password };
    case "bearer":
      if (!token) throw wrong("the token is empty");
      return { type: "bearer", token };
    default:
      throw wrong(`no such authentication: ${type}`);
  }
}

/** A field as a whole number within limits, or its default where it is empty. */
export function wholeNumber(
  value: unknown,
  fallback: number,
  name: string,
  low: number,
  high: number,
): number {
  if (value === undefined || value === null || value === "") return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number < low || number > high) {
    throw wrong(`${name} must be a whole number from ${low} to ${high}`);
  }
  return number;
}
