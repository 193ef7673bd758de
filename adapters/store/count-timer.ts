import type { DatabaseOptions } from "../database/types";

/** Often enough that few rows wait to be merged, seldom enough to cost nothing. */
const EVERY_MS = 30_000;

/** Merges the counts of events now and then while a store is open. */
export class CountTimer {
  private readonly timer: NodeJS.Timeout;
  private running: Promise<void> | null = null;
  private failing = false;

  /** @param settle merges some of what waits and says how many quarters that were */
  constructor(
    private readonly settle: () => Promise<number>,
    private readonly log: DatabaseOptions["log"],
  ) {
    this.timer = setInterval(() => {
      this.running ??= this.run().finally(() => (this.running = null));
    }, EVERY_MS);
    this.timer.unref();
  }

  /** No run begins any more; waits for the one that runs. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Counts are right without this too, only slower to read: said once, not each time. */
  private async run(): Promise<void> {
    try {
      await this.settle();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.log("warn", `counts could not be merged: ${String(error)}`);
      this.failing = true;
    }
  }
}
