import { backoffMs } from "./backoff";
import type { OutboxItem, OutboxState, Outcome, RetryPolicy, TargetState } from "./types";

/** What an item is after a try. */
export interface Settlement {
  id: string;
  state: OutboxState;
  attempts: number;
  error: string | null;
}

/**
 * What a try means for its item. An answer with an error counts as an attempt, and
 * the last attempt makes a dead letter; a target that does not answer makes none,
 * however long it is away (unless retrying is turned off).
 */
export function settle(item: OutboxItem, outcome: Outcome, policy: RetryPolicy): Settlement {
  const { id, attempts } = item;
  switch (outcome.result) {
    case "delivered":
      return { id, state: "done", attempts, error: null };
    case "skipped":
      return { id, state: "done", attempts, error: outcome.reason };
    case "rejected":
      return { id, state: "dead", attempts: attempts + 1, error: outcome.error };
    case "unavailable":
      return {
        id,
        state: policy.enabled ? "waiting" : "dead",
        attempts,
        error: outcome.error,
      };
    case "failed": {
      const last = !policy.enabled || attempts + 1 >= policy.maxAttempts;
      return {
        id,
        state: last ? "dead" : "waiting",
        attempts: attempts + 1,
        error: outcome.error,
      };
    }
  }
}

/**
 * The target after a try. Only one that is not there is left alone for a while; an
 * item that it answers with an error holds up its own lane (see {@link laneDelay}).
 */
export function afterTry(
  state: TargetState,
  outcome: Outcome,
  policy: RetryPolicy,
  now: number,
  random: number,
): TargetState {
  if (outcome.result === "skipped") return state;
  if (outcome.result === "delivered") {
    return { failures: 0, failingSince: null, lastError: null, lastSuccessAt: now, retryAt: 0 };
  }
  const failures = state.failures + 1;
  const failing = {
    ...state,
    failures,
    failingSince: state.failingSince ?? now,
    lastError: outcome.error,
  };
  if (outcome.result !== "unavailable") return failing;
  const wait = Math.max(backoffMs(policy, failures, random), outcome.retryAfterMs ?? 0);
  return { ...failing, retryAt: now + wait };
}

/** How long a lane waits for its first item after a try of it that failed; null: no wait. */
export function laneDelay(
  settlement: Settlement,
  policy: RetryPolicy,
  random: number,
): number | null {
  if (settlement.state !== "waiting" || settlement.attempts === 0) return null;
  return backoffMs(policy, settlement.attempts, random);
}

/** Items by lane, the lanes in the order of their first items. */
export function byLane(items: readonly OutboxItem[]): OutboxItem[][] {
  const lanes = new Map<string, OutboxItem[]>();
  for (const item of items) {
    const lane = lanes.get(item.lane);
    if (lane) lane.push(item);
    else lanes.set(item.lane, [item]);
  }
  return [...lanes.values()];
}
