import type {
  BarrierDriver,
  BarrierInputs,
  DriverCapabilities,
  DriverEvent,
  PulseResult,
} from "../../core/barrier/ports";
import { OutputTimer, type OutputGuard } from "./output-timer";

/** No input known: what a driver starts from. */
export function noInputs(): BarrierInputs {
  return { opened: null, closed: null, loop: null, photocell: null, fault: null };
}

/** What the drivers share whose outputs we switch off again ourselves. */
export abstract class TimedDriver implements BarrierDriver {
  abstract readonly kind: string;
  abstract readonly capabilities: DriverCapabilities;
  protected readonly timer: OutputTimer;

  constructor(private readonly guard: OutputGuard | null) {
    this.timer = new OutputTimer(() => this.off(), guard);
  }

  listen(listener: (event: DriverEvent) => void): void {
    this.timer.listen(listener);
  }

  async safe(): Promise<void> {
    if (!this.capabilities.deviceTimedPulse) this.guard?.prepare();
    await this.timer.drop();
  }

  async release(): Promise<PulseResult> {
    await this.timer.drop();
    return { confirmed: true, detail: "off" };
  }

  async dispose(): Promise<void> {
    await this.timer.dispose();
    await this.letGo();
  }

  abstract open(pulseMs: number): Promise<PulseResult>;
  abstract hold(): Promise<PulseResult>;
  abstract close(pulseMs: number): Promise<PulseResult>;
  abstract status(): Promise<{ energised: boolean | null; inputs: BarrierInputs }>;
  /** Switches every output off. */
  protected abstract off(): Promise<void>;
  /** Gives back connections and lines. */
  protected abstract letGo(): Promise<void>;
}
