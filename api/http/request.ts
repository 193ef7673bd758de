import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Request } from "express";
import type { Principal } from "../auth/permissions";
import type { ApiError } from "../errors";

/**
 * What is known of a request beside its own fields. Kept here and not on the
 * message: a message can be typed by any node of a flow, the request cannot.
 */
interface RequestFacts {
  id: string;
  principal: Principal | null;
  bodyError: ApiError | null;
}

const facts = new WeakMap<object, RequestFacts>();

function factsOf(request: object): RequestFacts {
  let known = facts.get(request);
  if (!known) {
    known = { id: `req-${randomUUID()}`, principal: null, bodyError: null };
    facts.set(request, known);
  }
  return known;
}

/** The id under which the request stands in logs and error answers. */
export function requestId(request: object): string {
  return factsOf(request).id;
}

export function setPrincipal(request: object, principal: Principal): void {
  factsOf(request).principal = principal;
}

/** Who the guard found the request to come from; null when no guard let it through. */
export function principalOf(request: object): Principal | null {
  return factsOf(request).principal;
}

/** Keeps what is wrong with a body until it is known whether its sender may ask at all. */
export function noteBodyError(request: object, error: ApiError): void {
  factsOf(request).bodyError = error;
}

/** Why the body could not be taken; null where it was, or was left unread. */
export function bodyErrorOf(request: object): ApiError | null {
  return factsOf(request).bodyError;
}

/** One cookie of a Cookie header. */
export function cookieOf(header: string | undefined, name: string): string | null {
  for (const part of (header ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name)
      return decodeURIComponentSafe(part.slice(at + 1).trim());
  }
  return null;
}

function decodeURIComponentSafe(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Address of the caller; behind a trusted proxy Express has already resolved it. */
export function callerAddress(request: Pick<Request, "ip" | "socket">): string {
  return request.ip ?? request.socket.remoteAddress ?? "unknown";
}

/**
 * True when a browser sends the request from a page of another origin. Requests
 * without an Origin header do not come from a page's script or form.
 */
export function isCrossOrigin(headers: {
  origin?: string | undefined;
  host?: string | undefined;
}): boolean {
  if (!headers.origin) return false;
  try {
    return new URL(headers.origin).host !== headers.host;
  } catch {
    return true;
  }
}

/** Headers that proxies add. */
const FORWARDING = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
];

/**
 * True when a request comes from a program on this machine that speaks to it by its own
 * name: not from a page whose name was made to resolve here, and not through a proxy,
 * unless that is trusted to say whom for (then `ip` is another than the peer's). What
 * speaks HTTP/1.0 is a proxy: nginx does, and by itself adds none of these headers.
 */
export function isLocal(
  request: Pick<IncomingMessage, "headers" | "httpVersion" | "socket"> & {
    ip?: string | undefined;
  },
): boolean {
  const { headers, httpVersion, socket } = request;
  const peer = socket.remoteAddress ?? "";
  const caller = request.ip ?? peer;
  const proxied = httpVersion === "1.0" || FORWARDING.some((name) => headers[name] !== undefined);
  if (proxied ? caller === peer : !namesThisMachine(headers.host)) return false;
  return isLoopback(caller) && isLoopback(peer);
}

function namesThisMachine(host: string | undefined): boolean {
  const name = (host ?? "").replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return name.toLowerCase() === "localhost" || isLoopback(name);
}

/** Whether an address is this machine itself. */
export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/.test(address);
}
