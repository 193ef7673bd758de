import { counter } from "../../adapters/metrics/metrics";

const drops = counter(
  "plategate_frames_given_up_total",
  "Frames given up for newer ones, because a stage was busy",
  ["stage"],
);

/**
 * Back-pressure by key (a camera): one piece of work at a time, and of those that
 * come meanwhile only the newest is kept.
 */
export class NewestWins {
  private readonly lanes = new Map<string, { waiting: ((go: boolean) => void) | null }>();
  private closed = false;
  /** How many were given up for newer ones. */
  dropped = 0;

  /** @param stage names the stage in the metrics, e.g. the node's type */
  constructor(private readonly stage: string) {}

  /**
   * Runs `work` when the key's turn comes. Resolves to false where it was given up
   * for a newer one, true when it ran; rejects with what it threw.
   */
  async run(key: string, work: () => Promise<void>): Promise<boolean> {
    if (!(await this.turn(key))) return false;
    try {
      await work();
      return true;
    } finally {
      this.next(key);
    }
  }

  /** Gives up everything that waits; what runs goes on. */
  close(): void {
    this.closed = true;
    for (const lane of this.lanes.values()) lane.waiting?.(false);
    this.lanes.clear();
  }

  private turn(key: string): Promise<boolean> {
    const lane = this.lanes.get(key);
    if (this.closed) return Promise.resolve(false);
    if (!lane) {
      this.lanes.set(key, { waiting: null });
      return Promise.resolve(true);
    }
    if (lane.waiting) {
      this.dropped++;
      drops.inc({ stage: this.stage });
      lane.waiting(false);
    }
    return new Promise((resolve) => (lane.waiting = resolve));
  }

  private next(key: string): void {
    const lane = this.lanes.get(key);
    const waiting = lane?.waiting;
    if (lane && waiting) {
      lane.waiting = null;
      waiting(true);
    } else {
      this.lanes.delete(key);
    }
  }
}
