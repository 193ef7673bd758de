import type { Request, Response } from "express";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { counter } from "../../adapters/metrics/metrics";
import type { Principal } from "../auth/permissions";
import { ApiError } from "../errors";
import { callerAddress } from "./request";

const WINDOW_S = 60;

/** Requests a minute, as reference 2 has them for its parts; the rest as API-DECISIONS. */
export const RATES = { events: 1000, config: 100, exporters: 100, other: 1000 } as const;
type Rate = keyof typeof RATES;

const refused = counter("plategate_http_rate_limited_total", "Requests over the rate limit", [
  "category",
]);

/**
 * Reads RATE_LIMITS: "off", or categories with their requests a minute, e.g.
 * "events=5000,config=0" (0 = no limit).
 * @throws Error where it cannot be read
 */
export function ratesFrom(text: string | undefined): Record<Rate, number> {
  if (text === "off") return { events: 0, config: 0, exporters: 0, other: 0 };
  const rates: Record<Rate, number> = { ...RATES };
  for (const part of (text ?? "").split(",").filter((one) => one.trim() !== "")) {
    const [, name, number] = /^\s*(\w+)\s*=\s*(\d+)\s*$/.exec(part) ?? [];
    if (!name || !number || !(name in rates)) {
      throw new Error(
        `RATE_LIMITS: "${part}" is not one of ${Object.keys(RATES).join(", ")}=number`,
      );
    }
    rates[name as Rate] = Number(number);
  }
  return rates;
}

/** How many requests a minute a user, a key, or an address without a credential may make. */
export class RateLimits {
  private readonly limiters = new Map<Rate, RateLimiterMemory>();

  constructor(private readonly rates: Record<Rate, number>) {
    for (const [name, points] of Object.entries(rates) as [Rate, number][]) {
      if (points > 0)
        this.limiters.set(name, new RateLimiterMemory({ points, duration: WINDOW_S }));
    }
  }

  /**
   * Takes one request and says in the answer's headers how many are left.
   * @param principal null: nobody that is known
   * @throws ApiError 429
   */
  async take(
    request: Request,
    response: Response,
    dialect: string,
    principal: Principal | null,
  ): Promise<void> {
    const category = categoryOf(dialect, request.path);
    const limiter = category && this.limiters.get(category);
    if (!limiter) return;
    const known = principal && principal.kind !== "public";
    const who = known ? `${principal.kind}:${principal.id}` : `from:${callerAddress(request)}`;
    // Each dialect counts for itself: a dashboard must not use up an edge's requests.
    const { state, over } = await limiter.consume(`${dialect}|${who}`).then(
      (left) => ({ state: left, over: false }),
      (left: unknown) => {
        if (!(left instanceof RateLimiterRes)) throw left;
        return { state: left, over: true };
      },
    );
    const limit = this.rates[category];
    response.set({
      "X-RateLimit-Limit": String(limit),
      "X-RateLimit-Remaining": String(Math.max(0, state.remainingPoints)),
      "X-RateLimit-Reset": String(Math.ceil((Date.now() + state.msBeforeNext) / 1000)),
    });
    if (!over) return;
    refused.inc({ category });
    throw ApiError.tooMany("Rate limit exceeded", state.msBeforeNext, limit, WINDOW_S);
  }
}

/** Null for what has no limit: health. */
function categoryOf(dialect: string, given: string): Rate | null {
  const path = given.toLowerCase(); // routes match in any case
  if (path.startsWith("/healthz")) return null;
  if (dialect !== "engine") return "other";
  if (path.startsWith("/events")) return "events";
  if (path.startsWith("/config/exporters")) return "exporters";
  return path.startsWith("/config") ? "config" : "other";
}
