import type { BarrierOutcome } from "../messages";
import { timeToOpen, type NewEvent, type StoredEvent } from "./event";

/**
 * The stored event brought up to date by a newer account of the same passage.
 * What was decided or done is never lost: an account without decision or barrier
 * keeps the stored one; an older revision changes nothing but what was not known.
 * A corrected plate (rawText set) and a hold stay.
 * @returns null where nothing changes
 */
export function mergeEvent(stored: StoredEvent, given: NewEvent): NewEvent | null {
  const newer = given.revision >= stored.revision;
  const base: NewEvent = { ...stored, votes: given.votes };
  const merged: NewEvent = newer ? { ...base, ...given } : { ...base, votes: [] };
  if (stored.state === "final") merged.state = "final";
  if (stored.rawText !== null) {
    merged.plateText = stored.plateText;
    merged.rawText = stored.rawText;
  }
  const decided = !newer || given.decision === null ? [stored, given] : [given, stored];
  Object.assign(merged, decisionOf(decided));
  merged.barrier = laterOutcome(stored.barrier, given.barrier);
  merged.firstReadable = earliest(stored.firstReadable, given.firstReadable);
  merged.timeToOpenMs = stored.timeToOpenMs ?? timeToOpen(merged.firstReadable, merged.barrier);
  merged.metadata = { ...given.metadata, ...stored.metadata, ...(newer ? given.metadata : {}) };
  merged.held = stored.held || given.held;
  merged.holdReason = stored.holdReason ?? given.holdReason;
  merged.frame = (newer ? given.frame : null) ?? stored.frame ?? given.frame;
  merged.crop = (newer ? given.crop : null) ?? stored.crop ?? given.crop;
  return same(base, merged) ? null : merged;
}

/** The stored event with what a barrier did; an earlier confirmed opening stays the measure. */
export function mergeBarrier(
  stored: StoredEvent,
  outcome: BarrierOutcome,
): Pick<StoredEvent, "barrier" | "timeToOpenMs"> {
  const barrier = laterOutcome(stored.barrier, outcome);
  return {
    barrier,
    timeToOpenMs: stored.timeToOpenMs ?? timeToOpen(stored.firstReadable, barrier),
  };
}

type DecisionFields = Pick<
  StoredEvent,
  "decision" | "reason" | "decidedAt" | "vehicleId" | "vehiclePlate" | "trace" | "retentionClass"
>;

/** The first account that has a decision, else the first. */
function decisionOf(accounts: DecisionFields[]): DecisionFields | undefined {
  const found = accounts.find((account) => account.decision !== null) ?? accounts[0];
  if (!found) return undefined;
  const { decision, reason, decidedAt, vehicleId, vehiclePlate, trace, retentionClass } = found;
  return { decision, reason, decidedAt, vehicleId, vehiclePlate, trace, retentionClass };
}

/** A done opening is not replaced by the refusal of a second one. */
function laterOutcome(a: BarrierOutcome | null, b: BarrierOutcome | null): BarrierOutcome | null {
  if (!a || !b) return a ?? b;
  if (a.result === "done" && b.result !== "done") return a;
  if (b.result === "done" && a.result !== "done") return b;
  return b.requestedAt >= a.requestedAt ? b : a;
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

function same(a: NewEvent, b: NewEvent): boolean {
  const keys = Object.keys(b) as (keyof NewEvent)[];
  return keys
    .filter((key) => key !== "votes")
    .every((key) => JSON.stringify(a[key]) === JSON.stringify(b[key]));
}
