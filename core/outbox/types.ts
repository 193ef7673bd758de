/** How often and when a target is tried again (reference 2's `retry_config`). */
export interface RetryPolicy {
  /** False: one try alone. */
  enabled: boolean;
  /** Tries of one item that a target answers with an error, before it is a dead letter. */
  maxAttempts: number;
  strategy: "exponential" | "linear";
  initialDelayMs: number;
  maxDelayMs: number;
}

export const DEFAULT_RETRY: Readonly<RetryPolicy> = {
  enabled: true,
  maxAttempts: 8,
  strategy: "exponential",
  initialDelayMs: 1_000,
  maxDelayMs: 60_000,
};

/** Waits, was delivered (or left out on purpose), or was given up on for a person to see. */
export type OutboxState = "waiting" | "done" | "dead";

/** One thing that must go to one target. */
export interface OutboxItem {
  /** The same at every try: receivers tell a second delivery by it. */
  id: string;
  target: string;
  /** Items of one lane of a target go out in their order. */
  lane: string;
  /** What it is about, e.g. "event" or "notification". */
  kind: string;
  eventId: string | null;
  /** What is sent; null where it is made from the event at the time of sending. */
  payload: unknown;
  /** Grows with each item of a process: the order of a lane. */
  position: number;
  /** ms since the epoch */
  createdAt: number;
  /** Tries that the target answered with an error. */
  attempts: number;
}

/** An item as people see it. */
export interface OutboxRecord extends OutboxItem {
  state: OutboxState;
  lastError: string | null;
  finishedAt: number | null;
}

/** What became of one try. */
export type Outcome =
  | { result: "delivered" }
  /** Left out on purpose: throttled, its rule or event is gone. */
  | { result: "skipped"; reason: string }
  /** Nobody answered, or the target asked to wait: says nothing about the item. */
  | { result: "unavailable"; error: string; retryAfterMs?: number }
  /** The target answered with an error that may pass. */
  | { result: "failed"; error: string }
  /** The target will never take this item. */
  | { result: "rejected"; error: string };

/** How a target is doing; kept over restarts. */
export interface TargetState {
  /** Tries in a row that failed. */
  failures: number;
  failingSince: number | null;
  lastError: string | null;
  lastSuccessAt: number | null;
  /** Nothing is tried before this time. */
  retryAt: number;
}

export const FRESH_TARGET: Readonly<TargetState> = {
  failures: 0,
  failingSince: null,
  lastError: null,
  lastSuccessAt: null,
  retryAt: 0,
};

/** Items that were not taken because too many waited, since when and until when. */
export interface Refusals {
  count: number;
  from: number;
  until: number;
}

/** What waits for a target, for people and /healthz. */
export interface TargetReport extends TargetState {
  target: string;
  waiting: number;
  dead: number;
  oldestAt: number | null;
  refused: Refusals | null;
}
