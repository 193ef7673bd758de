import type { StateChange } from "../../core/access/types";
import type { BarrierOutcome } from "../../core/messages";

/** Passages whose barrier may still report; a barrier gives up within seconds. */
const REMEMBERED = 200;

interface Admission {
  changes: readonly StateChange[];
  /** Whether the changes stand in the store now. */
  written: boolean;
  /** A barrier has confirmed that it opened. */
  confirmed: boolean;
}

/** What the barrier's report asks for. */
export type Correction = { what: "undo" | "apply"; changes: readonly StateChange[] };

/**
 * What was written down for passages that were let through, until their barriers have
 * reported. It is written with the decision, so that two lanes never give away the last
 * space twice, and taken back where no barrier opened.
 */
export class Admissions {
  private readonly byPassage = new Map<string, Admission>();

  admit(passageId: string, changes: readonly StateChange[]): void {
    this.byPassage.set(passageId, { changes, written: true, confirmed: false });
    const [oldest] = this.byPassage.keys();
    if (this.byPassage.size > REMEMBERED && oldest !== undefined) this.byPassage.delete(oldest);
  }

  /**
   * Takes in what a barrier did.
   * @returns what is to be corrected, null where all is as it should be
   */
  report({ passageId, command, result }: BarrierOutcome): Correction | null {
    const admission = passageId === null ? undefined : this.byPassage.get(passageId);
    // "ignored": another barrier or an earlier message of this passage speaks for it.
    if (!admission || command !== "open" || result === "ignored") return null;
    const { changes, written } = admission;
    if (result === "done") {
      admission.confirmed = true;
      admission.written = true;
      return written ? null : { what: "apply", changes };
    }
    if (admission.confirmed || !written) return null;
    admission.written = false;
    return { what: "undo", changes };
  }
}
