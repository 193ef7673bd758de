import { DEFAULT_RETRY, type RetryPolicy } from "./types";

/**
 * How long to wait after so many failures in a row (from 1), in milliseconds: the
 * configured delay, of which a random half is left out so that many senders do not
 * come back in one moment.
 * @param random 0 (inclusive) to 1
 */
export function backoffMs(policy: RetryPolicy, failures: number, random: number): number {
  const { initialDelayMs, maxDelayMs, strategy } = policy;
  const times = Math.max(1, failures);
  const grown =
    strategy === "linear" ? initialDelayMs * times : initialDelayMs * 2 ** Math.min(times - 1, 30);
  const delay = Math.min(maxDelayMs, grown);
  return Math.round(delay * (1 - random / 2));
}

/** A policy as reference 2 writes it; what is missing or out of range is the default. */
export function retryPolicy(value: unknown): RetryPolicy {
  const given = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const number = (name: string, least: number, most: number, fallback: number): number => {
    const found = given[name];
    return typeof found === "number" && found >= least && found <= most ? found : fallback;
  };
  const initialDelayMs = number("initial_delay_ms", 1, 86_400_000, DEFAULT_RETRY.initialDelayMs);
  return {
    enabled: given.enabled !== false,
    maxAttempts: Math.floor(number("max_attempts", 1, 10_000, DEFAULT_RETRY.maxAttempts)),
    strategy: given.backoff_strategy === "linear" ? "linear" : "exponential",
    initialDelayMs,
    maxDelayMs: Math.max(
      initialDelayMs,
      number("max_delay_ms", 1, 86_400_000, DEFAULT_RETRY.maxDelayMs),
    ),
  };
}
