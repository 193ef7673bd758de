import {
  BarrierError,
  type BarrierDriver,
  type BarrierInputs,
  type DriverCapabilities,
  type DriverEvent,
  type PulseResult,
} from "../../core/barrier/ports";

export interface SimulatedOptions {
  /** Times of the boom in milliseconds. */
  openingMs: number;
  openMs: number;
  closingMs: number;
  /** Sensors that the simulated site has. */
  inputs: (keyof BarrierInputs)[];
}

type Boom = "closed" | "opening" | "open" | "closing";

/** A boom barrier in memory, with an operator that closes by itself: for trying things out. */
export class SimulatedDriver implements BarrierDriver {
  readonly kind = "simulated";
  readonly capabilities: DriverCapabilities;
  private boom: Boom = "closed";
  private energised = false;
  private pulse: NodeJS.Timeout | null = null;
  private move: NodeJS.Timeout | null = null;
  private readonly sensors = { loop: false, photocell: false, fault: false };
  private broken: string | null = null;
  private listener: ((event: DriverEvent) => void) | null = null;

  constructor(private readonly options: SimulatedOptions) {
    this.capabilities = {
      deviceTimedPulse: true,
      readBack: true,
      inputs: options.inputs,
      close: true,
      hold: true,
    };
  }

  listen(listener: (event: DriverEvent) => void): void {
    this.listener = listener;
  }

  /** Puts a vehicle on the loop, a hand into the light barrier, a fault into the operator. */
  set(sensor: "loop" | "photocell" | "fault", value: boolean): void {
    this.sensors[sensor] = value;
    this.tell();
  }

  /** Makes the device fail until it is given null. */
  fail(message: string | null): void {
    this.broken = message;
  }

  safe(): Promise<void> {
    return this.answer(() => this.output(false)).then(() => undefined);
  }

  open(pulseMs: number): Promise<PulseResult> {
    return this.answer(() => {
      this.output(true);
      this.pulse = setTimeout(() => this.output(false), pulseMs);
    });
  }

  hold(): Promise<PulseResult> {
    return this.answer(() => this.output(true));
  }

  release(): Promise<PulseResult> {
    return this.answer(() => this.output(false));
  }

  close(): Promise<PulseResult> {
    return this.answer(() => this.down());
  }

  status(): Promise<{ energised: boolean | null; inputs: BarrierInputs }> {
    if (this.broken) return Promise.reject(new BarrierError("unreachable", this.broken));
    return Promise.resolve({ energised: this.energised, inputs: this.inputs() });
  }

  dispose(): Promise<void> {
    for (const timer of [this.pulse, this.move]) if (timer) clearTimeout(timer);
    this.listener = null;
    return Promise.resolve();
  }

  private answer(act: () => void): Promise<PulseResult> {
    if (this.broken) return Promise.reject(new BarrierError("unreachable", this.broken));
    act();
    return Promise.resolve({ confirmed: true, detail: this.boom });
  }

  private output(on: boolean): void {
    if (this.pulse) clearTimeout(this.pulse);
    this.pulse = null;
    this.energised = on;
    if (on) this.up();
    else if (this.boom === "open") this.wait();
  }

  private up(): void {
    if (this.boom === "open") this.wait();
    else this.go("opening", this.options.openingMs, () => this.go("open", 0, () => this.wait()));
  }

  /** The operator's own timer: it never closes on a vehicle. */
  private wait(): void {
    this.go("open", this.options.openMs, () => {
      if (this.energised || this.sensors.loop || this.sensors.photocell) this.wait();
      else this.down();
    });
  }

  private down(): void {
    if (this.boom === "closed") return;
    this.go("closing", this.options.closingMs, () => this.go("closed", 0, () => undefined));
  }

  private go(boom: Boom, ms: number, then: () => void): void {
    if (this.move) clearTimeout(this.move);
    const changed = this.boom !== boom;
    this.boom = boom;
    this.move = setTimeout(then, ms);
    if (changed) this.tell();
  }

  private inputs(): BarrierInputs {
    const has = (name: keyof BarrierInputs, value: boolean): boolean | null =>
      this.options.inputs.includes(name) ? value : null;
    return {
      opened: has("opened", this.boom === "open"),
      closed: has("closed", this.boom === "closed"),
      loop: has("loop", this.sensors.loop),
      photocell: has("photocell", this.sensors.photocell),
      fault: has("fault", this.sensors.fault),
    };
  }

  private tell(): void {
    if (this.broken) return;
    this.listener?.({ type: "status", energised: this.energised, inputs: this.inputs() });
  }
}
