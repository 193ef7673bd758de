import { lookup as dnsLookup } from "node:dns";
import { once } from "node:events";
import { connect, isIP, type LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { Agent, request as undiciRequest, type Dispatcher } from "undici";
import { addressRules } from "./addresses";
import { OutboundError, outboundError, shownUrl } from "./errors";
import { forbiddenError, guarded } from "./guarded-lookup";

/** Certificates for HTTPS, as PEM. */
export interface OutboundTls {
  ca?: string;
  cert?: string;
  key?: string;
  passphrase?: string;
  /** The name in the server's certificate, where it is not the host of the address. */
  servername?: string;
  /** False accepts any certificate: for a closed network alone. */
  rejectUnauthorized?: boolean;
}

export interface OutboundOptions {
  tls?: OutboundTls;
  /** Further networks that may not be reached; default: the variable OUTBOUND_DENY. */
  deny?: string;
  /** Name resolution, `dns.lookup` by default. */
  lookup?: LookupFunction;
}

export interface OutboundRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** For everything: resolution, connection, answer and redirects. Default 10,000 ms. */
  timeoutMs?: number;
  /** Longest answer that is taken. Default 1 MB. */
  maxBytes?: number;
  /** Redirects that are followed; each is checked as the first address was. Default 0. */
  maxRedirects?: number;
  signal?: AbortSignal;
}

export interface OutboundAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  /** Where the answer came from, after redirects. */
  url: string;
}

/** An answer whose body is read by whoever asked; destroying the body ends the connection. */
export interface OutboundStream {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Readable;
}

/** Headers that belong to one host and do not follow a redirect to another. */
const PRIVATE_HEADERS = /^(authorization|cookie|proxy-authorization|x-api-key|x-webhook-.*)$/i;

/**
 * HTTP to elsewhere that cannot be talked into the machine's own link: link-local
 * and metadata addresses are refused after name resolution, in the very look-up
 * that the connection uses, and on every redirect. Keeps connections alive;
 * `close()` lets them go.
 */
export class Outbound {
  private readonly agent: Agent;
  private readonly forbidden: (address: string) => boolean;
  private readonly lookup: LookupFunction;

  constructor(options: OutboundOptions = {}) {
    this.forbidden = addressRules(options.deny ?? process.env.OUTBOUND_DENY ?? "");
    this.lookup = guarded(options.lookup ?? dnsLookup, this.forbidden);
    this.agent = new Agent({
      connect: { ...definedTls(options.tls), lookup: this.lookup },
      keepAliveTimeout: 4_000,
    });
  }

  /**
   * Sends a request and reads the whole answer, whatever its status.
   * @throws OutboundError where there is no usable answer
   */
  async send(url: string, request: OutboundRequest = {}): Promise<OutboundAnswer> {
    const limit = AbortSignal.timeout(request.timeoutMs ?? 10_000);
    const signal = request.signal ? AbortSignal.any([limit, request.signal]) : limit;
    let target = parseUrl(url);
    let next = withLogin(request, target);
    for (let hops = 0; ; hops += 1) {
      const answer = await this.once(target, next, signal);
      const location = redirectOf(answer);
      if (location === null || (request.maxRedirects ?? 0) === 0) return answer;
      if (hops >= (request.maxRedirects ?? 0)) {
        throw new OutboundError("too_many_redirects", `${shownUrl(url)}: too many redirects`);
      }
      const to = parseUrl(location, target);
      if (target.protocol === "https:" && to.protocol === "http:") {
        throw new OutboundError("tls", `${shownUrl(url)} redirects from HTTPS to plain HTTP`);
      }
      next = redirected(next, answer.status, to.origin === target.origin);
      target = to;
    }
  }

  /**
   * Connects and says nothing, to see whether somebody is there.
   * @throws OutboundError where nobody is, or the address is forbidden
   */
  async reach(url: string, timeoutMs: number): Promise<void> {
    const target = parseUrl(url);
    const host = hostOf(target);
    if (isIP(host) !== 0 && this.forbidden(host)) throw forbiddenError(host);
    const port = Number(target.port) || (target.protocol === "https:" ? 443 : 80);
    const socket = connect({ host, port, lookup: this.lookup });
    try {
      await once(socket, "connect", { signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      throw outboundError(error, target.href);
    } finally {
      socket.destroy();
    }
  }

  /**
   * Asks and hands the answer on as it comes, for as long as it comes: for streams.
   * @param stallMs the longest silence, before the headers and within the body
   * @throws OutboundError where there is no answer
   */
  async open(
    url: string,
    request: { headers?: Record<string, string>; signal: AbortSignal; stallMs: number },
  ): Promise<OutboundStream> {
    const target = parseUrl(url);
    const { headers = {} } = withLogin(request, target);
    const { signal, stallMs } = request;
    const times = { headersTimeout: stallMs, bodyTimeout: stallMs };
    const answer = await this.ask(target, { method: "GET", headers, signal, ...times });
    const { statusCode: status, headers: given, body } = answer;
    return { status, headers: given, body };
  }

  private async once(
    url: URL,
    request: OutboundRequest,
    signal: AbortSignal,
  ): Promise<OutboundAnswer> {
    const { method = "GET", headers = {}, body: sent = null } = request;
    const answer = await this.ask(url, { method, headers, body: sent, signal });
    try {
      const body = await readBody(answer.body, request.maxBytes ?? 1_000_000, url);
      return { status: answer.statusCode, headers: answer.headers, body, url: url.href };
    } catch (error) {
      throw outboundError(error, url.href);
    }
  }

  private async ask(
    url: URL,
    request: Omit<Dispatcher.RequestOptions, "path" | "origin" | "opaque">,
  ): Promise<Dispatcher.ResponseData> {
    try {
      // A literal address is not looked up, so it is checked here.
      const host = hostOf(url);
      if (isIP(host) !== 0 && this.forbidden(host)) throw forbiddenError(host);
      return await undiciRequest(url, { dispatcher: this.agent, ...request });
    } catch (error) {
      throw outboundError(error, url.href);
    }
  }

  /** Ends all connections; requests under way fail. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

function parseUrl(text: string, base?: URL): URL {
  let url: URL;
  try {
    url = new URL(text, base);
  } catch (error) {
    throw new OutboundError("bad_url", `not an address: ${shownUrl(text)}`, { cause: error });
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new OutboundError("bad_url", `neither http nor https: ${shownUrl(text)}`);
  }
  return url;
}

/** A user and password in the address are sent as Basic, where no other login is given. */
function withLogin<T extends { headers?: Record<string, string> }>(request: T, url: URL): T {
  const { username, password } = url;
  const given = Object.keys(request.headers ?? {}).some((name) => /^authorization$/i.test(name));
  if (username === "" || given) return { ...request };
  const pair = `${decoded(username)}:${decoded(password)}`;
  const authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
  return { ...request, headers: { ...request.headers, authorization } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function definedTls(tls: OutboundTls | undefined): OutboundTls {
  return Object.fromEntries(Object.entries(tls ?? {}).filter(([, value]) => value !== undefined));
}

async function readBody(stream: AsyncIterable<Buffer>, limit: number, url: URL): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > limit) {
      throw new OutboundError("too_large", `${shownUrl(url.href)} answered too much`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function redirectOf(answer: OutboundAnswer): string | null {
  if (![301, 302, 303, 307, 308].includes(answer.status)) return null;
  const { location } = answer.headers;
  return typeof location === "string" ? location : null;
}

/** The request that a redirect asks for. */
function redirected(
  request: OutboundRequest,
  status: number,
  sameOrigin: boolean,
): OutboundRequest {
  const method = request.method ?? "GET";
  const toGet = (status === 303 && method !== "HEAD") || (status < 303 && method === "POST");
  const drop = (name: string): boolean =>
    (!sameOrigin && PRIVATE_HEADERS.test(name)) || (toGet && /^content-(type|length)$/i.test(name));
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).filter(([name]) => !drop(name)),
  );
  const { body, ...rest } = request;
  if (toGet) return { ...rest, headers, method: "GET" };
  return body === undefined ? { ...rest, headers } : { ...rest, headers, body };
}
