import type { BarrierInputs } from "../../core/barrier/ports";
import type { OutboundAuth } from "../outbound/auth";
import type { OutboundTls } from "../outbound/outbound";

/**
 * One request to the device. Path, header values and body may hold `{{pulse_ms}}`,
 * `{{pulse_s}}`, `{{channel}}` and `{{plate}}`; values are encoded for where they stand.
 */
export interface HttpAction {
  method: string;
  /** Added to the driver's address; may be a whole address of its own. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** Status codes that mean yes, e.g. "200-299" or "200,204". Default 200-299. */
  expectStatus?: string;
  /** Text that the answer must contain, or a regular expression between slashes. */
  expectBody?: string;
}

/**
 * Where a value stands in the status answer: a path into its JSON
 * ("switch:0.output"), "path=value" to compare, a regular expression between
 * slashes for text and XML; a leading "!" inverts. For inputs what means no may follow ("state=open|closed",
 * "/loop>1</|/loop>0</"): an answer that says neither leaves the input unknown.
 */
export type ValueRule = string;

export interface HttpStatusAction extends HttpAction {
  energised?: ValueRule;
  inputs?: Partial<Record<keyof BarrierInputs, ValueRule>>;
}

/** What a make of relay or barrier wants to be sent. */
export interface HttpActions {
  open: HttpAction;
  /** Ends a hold and, where the device does not time it, the pulse. */
  off?: HttpAction;
  hold?: HttpAction;
  close?: HttpAction;
  /** Ends the close; needed where the device does not time it. `off` is of the open output alone. */
  closeOff?: HttpAction;
  status?: HttpStatusAction;
  /** The device ends the pulse itself. */
  deviceTimed: boolean;
}

export interface HttpDriverOptions extends HttpActions {
  /** The device's address, e.g. "http://192.0.2.7". */
  url: string;
  /** The relay's number, as the device counts. */
  channel: number;
  auth: OutboundAuth;
  tls?: OutboundTls;
  timeoutMs: number;
  maxRedirects?: number;
}
