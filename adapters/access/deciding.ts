import type { Decision } from "../../core/messages";

/** Ends one look at a passage, with the decision where there is one; a second call does nothing. */
export type EndLook = (decision: Decision | null) => void;

interface Looks {
  count: number;
  decision: Decision | null;
  settled: Promise<Decision | null>;
  settle: EndLook;
}

/**
 * The passages that gates of this process are deciding about. A refusal is said when a
 * passage is final, and so after the passage itself went to the record: who stores or
 * tells it asks here and waits for the decision that belongs to it.
 */
export class Deciding {
  private readonly passages = new Map<string, Looks>();

  /** A gate begins to look at a passage, or keeps it until something more is known. */
  begin(passageId: string): EndLook {
    const looks = this.passages.get(passageId) ?? newLooks();
    this.passages.set(passageId, looks);
    looks.count += 1;
    let over = false;
    return (decision) => {
      if (over) return;
      over = true;
      looks.count -= 1;
      looks.decision = decision ?? looks.decision;
      if (looks.count > 0) return;
      this.passages.delete(passageId);
      looks.settle(looks.decision);
    };
  }

  /** The decision that is being made; null where no gate looks at the passage now. */
  of(passageId: string): Promise<Decision | null> | null {
    return this.passages.get(passageId)?.settled ?? null;
  }
}

function newLooks(): Looks {
  let settle: EndLook = () => undefined;
  const settled = new Promise<Decision | null>((resolve) => (settle = resolve));
  return { count: 0, decision: null, settled, settle };
}

/** What the gates of this process are deciding about. */
export const deciding = new Deciding();
