import {
  BarrierError,
  type BarrierInputs,
  type DriverCapabilities,
  type PulseResult,
} from "../../core/barrier/ports";
import { GpioTools } from "./gpio-tools";
import { OnoffLines } from "./gpio-onoff";
import type { GpioOptions } from "./gpio-types";
import type { OutputGuard } from "./output-timer";
import { noInputs, TimedDriver } from "./timed-driver";

/** Sets and reads lines, by whatever means the system has. */
export interface GpioLines {
  /** Keeps a line on until {@link off}; where something outlives us that does so, for `pulseMs`. */
  on(line: number, pulseMs: number): Promise<void>;
  off(line: number): Promise<void>;
  /** Levels of input lines, in their order. */
  read(lines: number[]): Promise<boolean[]>;
  /** Rejects where a line does not exist; touches none. */
  check(lines: number[]): Promise<void>;
  dispose(): Promise<void>;
}

/** A relay on a GPIO line. The pulse is ours to end, so the guard stands behind it. */
export class GpioDriver extends TimedDriver {
  readonly kind = "gpio";
  readonly capabilities: DriverCapabilities;
  private readonly lines: GpioLines;

  constructor(
    private readonly options: GpioOptions,
    guard: OutputGuard | null = null,
  ) {
    super(guard);
    const byTools = options.method !== "onoff";
    this.capabilities = {
      deviceTimedPulse: false,
      readBack: false,
      inputs: Object.keys(options.inputs) as (keyof BarrierInputs)[],
      close: options.closeLine !== undefined,
      // gpioset owns its line and would outlive a kill of ours: only pulses end by themselves.
      hold: !byTools,
    };
    this.lines = byTools ? new GpioTools(options) : new OnoffLines(options);
  }

  open(pulseMs: number): Promise<PulseResult> {
    return this.timer.pulse(() => this.on(this.options.line, pulseMs), pulseMs);
  }

  async hold(): Promise<PulseResult> {
    if (!this.capabilities.hold) throw new BarrierError("configuration", "pulses only");
    return this.timer.hold(() => this.on(this.options.line, 0));
  }

  async close(pulseMs: number): Promise<PulseResult> {
    const { closeLine } = this.options;
    if (closeLine === undefined) throw new BarrierError("configuration", "no close line");
    return this.timer.pulse(() => this.on(closeLine, pulseMs), pulseMs);
  }

  async status(): Promise<{ energised: boolean | null; inputs: BarrierInputs }> {
    const inputs = noInputs();
    const wired = Object.entries(this.options.inputs);
    if (wired.length === 0) return { energised: null, inputs };
    const levels = await this.lines.read(wired.map(([, { line }]) => line));
    wired.forEach(([name, { inverted }], index) => {
      const level = levels[index];
      inputs[name as keyof BarrierInputs] = level === undefined ? null : level !== inverted;
    });
    return { energised: null, inputs };
  }

  check(): Promise<void> {
    const { line, closeLine, inputs } = this.options;
    const wired = Object.values(inputs).map((input) => input.line);
    return this.lines.check([line, ...(closeLine === undefined ? [] : [closeLine]), ...wired]);
  }

  protected letGo(): Promise<void> {
    return this.lines.dispose();
  }

  private async on(line: number, pulseMs: number): Promise<PulseResult> {
    await this.lines.on(line, pulseMs);
    return { confirmed: true, detail: `line ${line} on` };
  }

  protected async off(): Promise<void> {
    await this.lines.off(this.options.line);
    if (this.options.closeLine !== undefined) await this.lines.off(this.options.closeLine);
  }
}
