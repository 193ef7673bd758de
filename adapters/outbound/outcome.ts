import type { Outcome } from "../../core/outbox/types";
import { OutboundError } from "./errors";
import type { OutboundAnswer } from "./outbound";

/**
 * Answers of a server, or what stands before it, that is not ready to take anything: it is
 * busy, or knows our login no more, which somebody must put right.
 */
const AWAY = [401, 407, 408, 425, 429, 502, 503, 504];
/** Answers that say that this body will never be taken. */
const REFUSED = [400, 413, 414, 415, 422];

/** What an HTTP answer means for the item that was sent. */
export function outcomeOfAnswer(
  answer: OutboundAnswer,
  options: { conflictIsDone?: boolean } = {},
): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return { result: "delivered" };
  // the item's id is known there: an earlier try went through
  if (status === 409 && options.conflictIsDone) return { result: "delivered" };
  const error = `HTTP ${status}`;
  if (AWAY.includes(status)) {
    const wait = retryAfterMs(answer.headers["retry-after"]);
    return { result: "unavailable", error, ...(wait === null ? {} : { retryAfterMs: wait }) };
  }
  return { result: REFUSED.includes(status) ? "rejected" : "failed", error };
}

/** What a request without an answer means. Messages of {@link OutboundError} hold no secrets. */
export function outcomeOfError(error: unknown): Outcome {
  if (!(error instanceof OutboundError)) return { result: "failed", error: String(error) };
  const away = ["unreachable", "timeout", "tls"].includes(error.code);
  return { result: away ? "unavailable" : "failed", error: error.message };
}

/** Seconds or a date, as milliseconds from now, at most an hour; null where there is none. */
function retryAfterMs(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header[0] : header;
  if (!text) return null;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), 3_600_000) : null;
}
