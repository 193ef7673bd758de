import type { RetentionReceipt } from "../../core/events/retention";
import type { DatabaseOptions } from "../database/types";

/** A minute after the start, then each hour. */
const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;

/** Runs the retention job now and then while a store is open. */
export class RetentionTimer {
  private timer: NodeJS.Timeout;
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly job: () => Promise<RetentionReceipt>,
    private readonly log: DatabaseOptions["log"],
  ) {
    this.timer = this.after(FIRST_MS);
  }

  /** No run begins any more; waits for the one that runs. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private after(ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.running = this.run().finally(() => {
        this.running = null;
        if (!this.stopped) this.timer = this.after(EVERY_MS);
      });
    }, ms);
    timer.unref();
    return timer;
  }

  private async run(): Promise<void> {
    try {
      const { deleted, pictures, error } = await this.job();
      const count = deleted.unknown + deleted.allowed + deleted.denied;
      if (error !== null) this.log("error", `retention stopped: ${error}`);
      else if (count > 0)
        this.log("info", `retention: ${count} events, ${pictures} pictures deleted`);
    } catch (error) {
      this.log("warn", `retention could not run: ${String(error)}`);
    }
  }
}
