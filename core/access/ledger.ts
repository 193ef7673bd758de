import type { Decision, Passage } from "../messages";

/** What to do with a verdict about a version of a passage. */
export type LedgerAnswer =
  /** Tell it. */
  | { say: true }
  /** Say nothing yet; something may still change it, at the latest at `until`. */
  | { say: false; until: number | null };

const SILENT: LedgerAnswer = { say: false, until: null };

/** How long a passage is remembered after it was last heard of, in milliseconds. */
const MEMORY_MS = 600_000;
const MEMORY_SIZE = 1000;

interface Entry {
  result: Decision["result"];
  at: number;
}

/**
 * Remembers what was said about which passage, so that each is decided once: an open is
 * said at once and neither repeated nor taken back; a refusal is said when the passage
 * is final, and may still become an open by a later, better read.
 */
export class DecisionLedger {
  private readonly said = new Map<string, Entry>();

  /**
   * Whether the passage has been let through: there is nothing more to decide, however
   * long it is heard of.
   */
  isOpen(passageId: string, now: number): boolean {
    const open = this.said.get(passageId)?.result === "open";
    if (open) this.remember(passageId, "open", now);
    return open;
  }

  /** The passage may be let through anew: the barrier stayed shut. */
  forget(passageId: string): void {
    this.said.delete(passageId);
  }

  /**
   * @param waitMs how long a passage may wait for its second factor
   * @param now milliseconds since the epoch
   */
  answer(
    passage: Pick<Passage, "id" | "state" | "lastSeen">,
    verdict: Pick<Decision, "result" | "reason">,
    waitMs: number,
    now: number,
  ): LedgerAnswer {
    if (this.isOpen(passage.id, now)) return SILENT;
    if (verdict.result !== "open") {
      if (passage.state !== "final") return SILENT;
      const until = passage.lastSeen + waitMs;
      if (verdict.reason.startsWith("second_factor_") && now < until) return { say: false, until };
      if (this.said.get(passage.id)?.result === verdict.result) return SILENT;
    }
    this.remember(passage.id, verdict.result, now);
    return { say: true };
  }

  private remember(passageId: string, result: Decision["result"], now: number): void {
    this.said.delete(passageId);
    this.said.set(passageId, { result, at: now });
    for (const [id, entry] of this.said) {
      if (this.said.size <= MEMORY_SIZE && now - entry.at < MEMORY_MS) break;
      this.said.delete(id);
    }
  }
}
