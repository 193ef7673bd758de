import { digestHeader, parseChallenge, type DigestChallenge } from "./digest";
import type { Outbound, OutboundAnswer, OutboundRequest } from "./outbound";

/** How we identify ourselves to a server. */
export type OutboundAuth =
  | { type: "none" }
  | { type: "basic"; user: string; password: string }
  | { type: "digest"; user: string; password: string }
  | { type: "bearer"; token: string };

/**
 * Requests with credentials. A Digest nonce is kept and used again, so that only
 * the first request needs the extra round trip.
 */
export class AuthenticatedOutbound {
  private challenge: DigestChallenge | null = null;
  private count = 0;

  constructor(
    private readonly outbound: Outbound,
    private readonly auth: OutboundAuth,
  ) {}

  /** As {@link Outbound.send}, with the `Authorization` header. */
  async send(url: string, request: OutboundRequest = {}): Promise<OutboundAnswer> {
    if (this.auth.type !== "digest") {
      return this.outbound.send(url, withHeader(request, this.fixedHeader()));
    }
    const answer = await this.outbound.send(url, withHeader(request, this.sign(url, request)));
    if (answer.status !== 401) return answer;
    const challenge = parseChallenge(answer.headers["www-authenticate"]);
    const refused = this.challenge !== null && challenge?.stale === false;
    const sameNonce = challenge?.nonce === this.challenge?.nonce;
    this.challenge = challenge;
    this.count = 0;
    // The same nonce refused means a wrong password; a new one deserves a second try.
    if (challenge === null || (refused && sameNonce)) return answer;
    return this.outbound.send(url, withHeader(request, this.sign(url, request)));
  }

  private fixedHeader(): string | null {
    if (this.auth.type === "bearer") return `Bearer ${this.auth.token}`;
    if (this.auth.type !== "basic") return null;
    const pair = `${this.auth.user}:${this.auth.password}`;
    return `Basic ${Buffer.from(pair).toString("base64")}`;
  }

  private sign(url: string, request: OutboundRequest): string | null {
    if (this.auth.type !== "digest" || !this.challenge) return null;
    const { pathname, search } = new URL(url);
    this.count += 1;
    return digestHeader(this.challenge, {
      method: request.method ?? "GET",
      uri: pathname + search,
      user: this.auth.user,
      password: this.auth.password,
      count: this.count,
    });
  }
}

function withHeader(request: OutboundRequest, authorization: string | null): OutboundRequest {
  if (authorization === null) return request;
  return { ...request, headers: { ...request.headers, authorization } };
}
