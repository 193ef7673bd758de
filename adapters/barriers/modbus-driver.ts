import type ModbusRTU from "modbus-serial";
import {
  BarrierError,
  type BarrierInputs,
  type DriverCapabilities,
  type PulseResult,
} from "../../core/barrier/ports";
import { releaseBus, useBus, type ModbusBus } from "./modbus-bus";
import type { ModbusOptions, ModbusOutput } from "./modbus-types";
import type { OutputGuard } from "./output-timer";
import { noInputs, TimedDriver } from "./timed-driver";

const CODES = { coil: 5, register: 6 } as const;

/** A relay board on Modbus TCP or RTU. */
export class ModbusDriver extends TimedDriver {
  readonly kind = "modbus";
  readonly capabilities: DriverCapabilities;
  private readonly bus: ModbusBus;

  constructor(
    private readonly options: ModbusOptions,
    guard: OutputGuard | null = null,
  ) {
    super(guard);
    this.capabilities = {
      deviceTimedPulse: options.flash !== undefined,
      readBack: options.readBack,
      inputs: Object.keys(options.inputs.lines) as (keyof BarrierInputs)[],
      close: options.close !== undefined,
      hold: true,
    };
    this.bus = useBus(options.connection);
  }

  open(pulseMs: number): Promise<PulseResult> {
    return this.pulse(this.options.output, pulseMs);
  }

  hold(): Promise<PulseResult> {
    return this.timer.hold(() => this.set(this.options.output, true));
  }

  async close(pulseMs: number): Promise<PulseResult> {
    const { close } = this.options;
    if (!close) throw new BarrierError("configuration", "no close output");
    return this.pulse(close, pulseMs);
  }

  async status(): Promise<{ energised: boolean | null; inputs: BarrierInputs }> {
    return this.run(async (client) => ({
      energised: this.options.readBack ? await this.isOn(client, this.options.output) : null,
      inputs: await this.readInputs(client),
    }));
  }

  protected letGo(): Promise<void> {
    return releaseBus(this.options.connection, this.bus);
  }

  private run<T>(work: (client: ModbusRTU) => Promise<T>): Promise<T> {
    return this.bus.run(this.options.unit, this.options.timeoutMs, work);
  }

  private pulse(output: ModbusOutput, pulseMs: number): Promise<PulseResult> {
    const { flash } = this.options;
    if (!flash) return this.timer.pulse(() => this.set(output, true), pulseMs);
    const units = Math.max(1, Math.round(pulseMs / flash.unitMs));
    const address = flash.address + output.address - this.options.output.address;
    return this.run(async (client) => {
      await write(client, CODES.coil, address, units);
      if (this.options.readBack && !(await this.isOn(client, output))) {
        throw new BarrierError("unexpected_answer", "the board took the pulse but is not on");
      }
      return { confirmed: true, detail: `flash ${units} x ${flash.unitMs} ms` };
    });
  }

  private set(output: ModbusOutput, on: boolean): Promise<PulseResult> {
    return this.run(async (client) => {
      await write(client, CODES[output.kind], output.address, on ? output.on : output.off);
      if (this.options.readBack && (await this.isOn(client, output)) !== on) {
        throw new BarrierError("unexpected_answer", "the board took the write but did not switch");
      }
      return { confirmed: true, detail: on ? "on" : "off" };
    });
  }

  protected async off(): Promise<void> {
    await this.set(this.options.output, false);
    if (this.options.close) await this.set(this.options.close, false);
  }

  private async isOn(client: ModbusRTU, output: ModbusOutput): Promise<boolean> {
    if (output.kind === "coil") {
      const { data } = await client.readCoils(output.address, 1);
      return data[0] === true;
    }
    const { data } = await client.readHoldingRegisters(output.address, 1);
    return data[0] === output.on;
  }

  private async readInputs(client: ModbusRTU): Promise<BarrierInputs> {
    const found = noInputs();
    const { kind, lines } = this.options.inputs;
    const wired = Object.entries(lines);
    if (wired.length === 0) return found;
    const addresses = wired.map(([, { address }]) => address);
    const first = Math.min(...addresses);
    const count = Math.max(...addresses) - first + 1;
    const { data } =
      kind === "coil"
        ? await client.readCoils(first, count)
        : await client.readDiscreteInputs(first, count);
    for (const [name, { address, inverted }] of wired) {
      const value = data[address - first];
      found[name as keyof BarrierInputs] = value === undefined ? null : value !== inverted;
    }
    return found;
  }
}

/**
 * FC05 or FC06 with a raw value: the library's own call for a coil knows only true
 * and false, and boards want the time of a pulse, or 0100 for on, in its place.
 */
async function write(
  client: ModbusRTU,
  code: 5 | 6,
  address: number,
  value: number,
): Promise<void> {
  const bytes = [address >> 8, address & 0xff, value >> 8, value & 0xff];
  const answer: unknown = await client.customFunction(code, bytes);
  const echoed = (answer as { address?: number } | undefined)?.address;
  if (echoed !== address) {
    throw new BarrierError("unexpected_answer", `the board answered for address ${echoed}`);
  }
}
