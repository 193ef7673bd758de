import { setImmediate as nextTurn } from "node:timers/promises";
import { decidedEvents, replayEvent } from "../../../adapters/access/recorded";
import { sameVerdict, type ResultAndReason, type RuleChange } from "../../../core/access/replay";
import type { StoredEvent } from "../../../core/events/event";
import type { EventRepository } from "../../../core/events/ports";

/** What a trial is about. */
export interface TrialQuestion {
  change: RuleChange;
  /** Only decisions on this lane; null = all. */
  laneId: string | null;
  /** Times in ms since the epoch. */
  from: number;
  to: number;
}

export interface TrialDifference {
  event: StoredEvent;
  was: ResultAndReason;
  would: ResultAndReason;
  /** The vehicle was in view: with more reads it might still have opened. */
  waits: boolean;
}

export interface TrialCounts {
  /** Decisions looked at so far. */
  looked: number;
  same: number;
  /** Stored with too little to be made again. */
  notStored: number;
  /** Another result, by what it was and would have been. */
  changes: Map<string, number>;
  /** The same result for another reason. */
  otherReason: number;
  waits: number;
}

/** Most decisions that one trial looks at, and most differences that it keeps to be shown. */
const MOST = 50_000;
const SHOWN = 200;
/** Milliseconds of work before others get their turn. */
const SLICE_MS = 8;

/** Recorded decisions made again by changed rules, newest first, a slice at a time. */
export class Trial {
  state: "running" | "done" | "failed" | "cancelled" = "running";
  readonly counts: TrialCounts = {
    looked: 0,
    same: 0,
    notStored: 0,
    changes: new Map(),
    otherReason: 0,
    waits: 0,
  };
  readonly differences: TrialDifference[] = [];
  /** Decisions there are; known once it has begun. */
  total = 0;
  readonly finished: Promise<void>;

  constructor(
    readonly question: TrialQuestion,
    private readonly events: Pick<EventRepository, "list">,
  ) {
    this.finished = this.run().catch(() => {
      this.state = "failed";
    });
  }

  cancel(): void {
    if (this.state === "running") this.state = "cancelled";
  }

  private async run(): Promise<void> {
    const { from, to, laneId, change } = this.question;
    const filter = { from, to, ...(laneId === null ? {} : { laneId }) };
    const none = { skip: 0, limit: 0, sortBy: "timestamp" as const, sortOrder: "desc" as const };
    const { total } = await this.events.list({ ...filter, decided: true }, none);
    this.total = Math.min(total, MOST);
    let began = performance.now();
    for await (const event of decidedEvents(this.events, filter, "desc")) {
      if (this.state !== "running") return;
      this.look(event, change);
      if (this.counts.looked >= MOST) break;
      if (performance.now() - began < SLICE_MS) continue;
      await nextTurn();
      began = performance.now();
    }
    this.total = this.counts.looked;
    this.state = "done";
  }

  private look(event: StoredEvent, change: RuleChange): void {
    const { counts } = this;
    counts.looked += 1;
    const one = replayEvent(event, change);
    if (!one?.again || !one.would) {
      counts.notStored += 1;
      return;
    }
    const { again, would, waits } = one;
    if (sameVerdict(again, would)) {
      counts.same += 1;
      return;
    }
    if (again.result === would.result) counts.otherReason += 1;
    else {
      const key = `${again.result} ${would.result}`;
      counts.changes.set(key, (counts.changes.get(key) ?? 0) + 1);
      if (waits) counts.waits += 1;
    }
    if (this.differences.length < SHOWN) {
      this.differences.push({ event: withoutTrace(event), was: again, would, waits });
    }
  }
}

/** What is shown of an event needs no trace, which is most of it. */
function withoutTrace(event: StoredEvent): StoredEvent {
  return { ...event, trace: null };
}
