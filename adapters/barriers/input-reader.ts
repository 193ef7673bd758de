import type { BarrierDriver } from "../../core/barrier/ports";
import type { DriverCalls } from "./driver-calls";

type Levels = Awaited<ReturnType<BarrierDriver["status"]>>;

/** Reads a barrier's output and inputs, in intervals and when asked; one reading at a time. */
export class InputReader {
  private timer: NodeJS.Timeout | null = null;
  private reading: Promise<void> | null = null;
  private stopped = false;
  private readonly worth: boolean;

  /** @param pollMs between two readings; 0 reads only when asked */
  constructor(
    private readonly calls: DriverCalls,
    { inputs, readBack }: BarrierDriver["capabilities"],
    private readonly pollMs: number,
    private readonly told: { levels: (levels: Levels) => void; lost: (error: unknown) => void },
  ) {
    this.worth = inputs.length > 0 || readBack;
  }

  /** Reads now, unless a reading is running, and goes on from there. */
  ask(): void {
    this.schedule(0);
  }

  /** No more readings; resolves when the running one has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.reading;
  }

  private schedule(ms: number): void {
    if (this.timer) clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.read(), ms);
  }

  private async read(): Promise<void> {
    if (this.reading || !this.worth) return;
    this.reading = this.readOnce();
    await this.reading;
    this.reading = null;
    if (this.pollMs > 0) this.schedule(this.pollMs);
  }

  private async readOnce(): Promise<void> {
    try {
      const levels = await this.calls.status();
      if (!this.stopped) this.told.levels(levels);
    } catch (error) {
      if (!this.stopped) this.told.lost(error);
    }
  }
}
