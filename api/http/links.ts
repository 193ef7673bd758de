import { createHmac, timingSafeEqual } from "node:crypto";
import type { Request } from "express";

/** How long a signed address is good for, in milliseconds (API-DECISIONS). */
const VALID_MS = 15 * 60_000;
/** Addresses made within the same minute are the same, so that browsers can cache. */
const STEP_MS = 60_000;

/**
 * Addresses that open one path for a while without a credential, so that an `<img>`
 * shows it. A signature holds for its path and end alone.
 */
export class SignedLinks {
  /** @param secret of this installation; with it anybody could sign */
  constructor(
    private readonly secret: string,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * An absolute address of a path on the host that the request came to.
   * @param path absolute, percent-encoded, without a query
   * @param version goes into the query, so that a changed picture has another address
   */
  url(request: Request, path: string, version?: string | number): string {
    return `${originOf(request)}${this.signed(`${request.baseUrl}${path}`, version)}`;
  }

  /** A path with its signature, for who makes the address by himself. */
  signed(path: string, version?: string | number): string {
    const expires = Math.floor((this.now() + VALID_MS) / STEP_MS) * (STEP_MS / 1000);
    const query = new URLSearchParams({ expires: String(expires) });
    query.set("signature", this.signature(path, expires));
    if (version !== undefined) query.set("v", String(version));
    return `${path}?${query.toString()}`;
  }

  /** Whether the request is for what its signature opens, in time. */
  opens(request: Pick<Request, "method" | "query" | "baseUrl" | "path">): boolean {
    const { expires, signature } = request.query;
    if (typeof expires !== "string" || typeof signature !== "string") return false;
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    if (!/^\d{1,12}$/.test(expires) || Number(expires) * 1000 < this.now()) return false;
    const wanted = Buffer.from(
      this.signature(`${request.baseUrl}${request.path}`, Number(expires)),
    );
    const given = Buffer.from(signature);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  private signature(path: string, expires: number): string {
    return createHmac("sha256", this.secret).update(`${path}\n${expires}`).digest("base64url");
  }
}

/**
 * Scheme and host under which the caller reached us. Forwarded headers count only
 * where Express trusts the proxy that sent them (`trust proxy`).
 */
export function originOf(request: Request): string {
  const trusts = request.app.get("trust proxy fn") as
    ((address: string | undefined, hop: number) => boolean) | undefined;
  const forwarded = trusts?.(request.socket.remoteAddress, 0)
    ? request.get("x-forwarded-host")?.split(",")[0]?.trim()
    : undefined;
  const host = forwarded || request.get("host") || "";
  return `${request.protocol}://${/^[\w.-]+(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/.test(host) ? host : "localhost"}`;
}
