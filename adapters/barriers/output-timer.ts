import type { DriverEvent, PulseResult } from "../../core/barrier/ports";

/** Drops an output from outside when this process can no longer do so. */
export interface OutputGuard {
  /** Gets ready ahead of the first use. */
  prepare(): void;
  /** From now on the output is dropped after this time, or at its end where we die before. */
  arm(ms: number): Promise<void>;
  disarm(): void;
  dispose(): Promise<void>;
}

/** Between tries to drop an output that the device did not confirm. */
const RETRY_MS = 1_000;
/**
 * A hold is a pulse that is made longer again and again: when we die, it ends after
 * this. Far above what a busy event loop may cost.
 */
const HOLD_RENEW_MS = 10_000;

/**
 * An output that we, not the device, switch off again: at the end of the pulse,
 * tried until the device confirms it.
 */
export class OutputTimer {
  private timer: NodeJS.Timeout | null = null;
  private listener: ((event: DriverEvent) => void) | null = null;
  private disposed = false;
  /** The end of a pulse that is being sent: what comes next waits, so that it is not undone by it. */
  private ending: Promise<void> = Promise.resolve();

  constructor(
    private readonly off: () => Promise<void>,
    private readonly guard: OutputGuard | null,
  ) {}

  listen(listener: (event: DriverEvent) => void): void {
    this.listener = listener;
  }

  /** Starts a pulse; resolves when the device confirmed its start. */
  async pulse(on: () => Promise<PulseResult>, pulseMs: number): Promise<PulseResult> {
    await this.quiet();
    await this.guard?.arm(pulseMs);
    try {
      const result = await on();
      // The pulse counts from now: the guard is not to cut it short.
      void this.guard?.arm(pulseMs).catch(() => undefined);
      return result;
    } finally {
      // Also after a failure: the device may have acted all the same.
      this.stopTimer();
      this.endIn(pulseMs);
    }
  }

  /** Energises until {@link drop}. */
  async hold(on: () => Promise<PulseResult>): Promise<PulseResult> {
    await this.quiet();
    await this.renew();
    return on();
  }

  /** Switches off now. Rejects where the device did not confirm, and then tries on. */
  async drop(): Promise<void> {
    await this.quiet();
    try {
      await this.off();
      this.guard?.disarm();
    } catch (error) {
      this.endIn(RETRY_MS);
      throw error;
    }
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.quiet();
    await this.guard?.dispose();
  }

  private async renew(): Promise<void> {
    await this.guard?.arm(HOLD_RENEW_MS);
    if (!this.guard || this.disposed) return;
    this.timer = setTimeout(() => void this.renew().catch(() => undefined), HOLD_RENEW_MS / 2);
  }

  private async end(): Promise<void> {
    this.timer = null;
    try {
      await this.off();
      if (!this.timer) this.guard?.disarm();
    } catch (error) {
      if (this.disposed) return;
      const detail = error instanceof Error ? error.message : String(error);
      this.listener?.({ type: "trouble", detail: `the pulse's end was not confirmed: ${detail}` });
      if (!this.timer) this.endIn(RETRY_MS);
    }
  }

  private endIn(ms: number): void {
    if (this.disposed) return;
    this.timer = setTimeout(() => {
      this.ending = this.end();
    }, ms);
  }

  private async quiet(): Promise<void> {
    this.stopTimer();
    await this.ending;
    this.stopTimer();
  }

  private stopTimer(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
