import { BarrierError, type BarrierInputs } from "../../core/barrier/ports";
import { wholeNumber } from "./http-fields";
import type { ModbusConnection, ModbusOptions, ModbusOutput } from "./modbus-types";

export interface ModbusFields {
  preset?: string;
  transport?: string;
  host?: string;
  port?: string | number;
  path?: string;
  baudRate?: string | number;
  parity?: string;
  stopBits?: string | number;
  unit?: string | number;
  kind?: string;
  address?: string | number;
  /** Raw values, decimal or with 0x. */
  onValue?: string | number;
  offValue?: string | number;
  flash?: boolean;
  flashAddress?: string | number;
  flashUnitMs?: string | number;
  closeAddress?: string | number;
  readBack?: boolean;
  inputKind?: string;
  /** {"loop": 0, "closed": "!1"}: addresses, inverted by "!". */
  inputLines?: string | Record<string, string | number>;
  timeoutMs?: string | number;
}

interface Preset {
  kind: "coil" | "register";
  /** Addresses of the relays. */
  first: number;
  last: number;
  on: number;
  off: number;
  /** Flash-on address of the first relay and its unit of time. */
  flash?: { address: number; unitMs: number };
  inputs: "discrete" | "coil";
}

/** Common boards, from their public manuals; see docs/barriers.md. */
export const MODBUS_PRESETS: Record<string, Preset> = {
  /** Waveshare Modbus RTU Relay (8, 16, 32 channels) and Modbus POE ETH Relay. */
  waveshare: {
    kind: "coil",
    first: 0,
    last: 31,
    on: 0xff00,
    off: 0,
    flash: { address: 0x0200, unitMs: 100 },
    inputs: "discrete",
  },
  /** Boards of the R4D/R4S/N4D kind: registers from 1, 0x0100 on, 0x0200 off. */
  "register-relay": {
    kind: "register",
    first: 1,
    last: 32,
    on: 0x0100,
    off: 0x0200,
    inputs: "coil",
  },
  /** A plain coil as the standard has it: reference 1's coils 1 and 2 among them. */
  coil: { kind: "coil", first: 0, last: 0xffff, on: 0xff00, off: 0, inputs: "discrete" },
};

/**
 * Turns the fields into what the driver wants.
 * @throws BarrierError "configuration", naming the field
 */
export function modbusOptions(fields: ModbusFields): ModbusOptions {
  const name = fields.preset || "waveshare";
  const preset = name === "custom" ? customPreset(fields) : MODBUS_PRESETS[name];
  if (!preset) throw wrong(`no preset "${name}"`);
  const output = outputOf(preset, fields, fields.address, preset.first, "address");
  const flash = fields.flash === false ? undefined : flashOf(preset, fields, output);
  const close = isEmpty(fields.closeAddress)
    ? undefined
    : outputOf(preset, fields, fields.closeAddress, 0, "close address");
  if (close?.address === output.address) throw wrong("open and close have the same address");
  return {
    connection: connectionOf(fields),
    unit: wholeNumber(fields.unit, 1, "unit id", 0, 247),
    timeoutMs: wholeNumber(fields.timeoutMs, 2_000, "timeout", 100, 60_000),
    output,
    ...(close ? { close } : {}),
    ...(flash ? { flash } : {}),
    readBack: fields.readBack !== false,
    inputs: {
      kind: fields.inputKind === "coil" ? "coil" : preset.inputs,
      lines: inputLines(fields.inputLines, "inputs", 0xffff),
    },
  };
}

function customPreset(fields: ModbusFields): Preset {
  const kind = fields.kind === "register" ? "register" : "coil";
  const on = kind === "coil" ? 0xff00 : 1;
  return { kind, first: 0, last: 0xffff, on, off: 0, inputs: "discrete" };
}

function outputOf(
  preset: Preset,
  fields: ModbusFields,
  address: unknown,
  fallback: number,
  name: string,
): ModbusOutput {
  return {
    kind: preset.kind,
    address: wholeNumber(raw(address), fallback, name, preset.first, preset.last),
    on: wholeNumber(raw(fields.onValue), preset.on, "value for on", 0, 0xffff),
    off: wholeNumber(raw(fields.offValue), preset.off, "value for off", 0, 0xffff),
  };
}

function flashOf(
  preset: Preset,
  fields: ModbusFields,
  output: ModbusOutput,
): ModbusOptions["flash"] {
  const given = !isEmpty(fields.flashAddress);
  if (!preset.flash && !given) return undefined;
  if (output.kind !== "coil") throw wrong("flash-on works with coils alone");
  const own = preset.flash ? preset.flash.address + output.address - preset.first : 0;
  return {
    address: wholeNumber(raw(fields.flashAddress), own, "flash-on address", 0, 0xffff),
    unitMs: wholeNumber(fields.flashUnitMs, preset.flash?.unitMs ?? 100, "flash unit", 1, 10_000),
  };
}

function connectionOf(fields: ModbusFields): ModbusConnection {
  if (fields.transport === "rtu") {
    if (!fields.path?.trim()) throw wrong("the serial port is empty");
    const parity = fields.parity || "none";
    if (parity !== "none" && parity !== "even" && parity !== "odd") {
      throw wrong(`parity must be none, even or odd`);
    }
    return {
      transport: "rtu",
      path: fields.path.trim(),
      baudRate: wholeNumber(fields.baudRate, 9_600, "baud rate", 300, 4_000_000),
      parity,
      stopBits: wholeNumber(fields.stopBits, 1, "stop bits", 1, 2) === 2 ? 2 : 1,
      dataBits: 8,
    };
  }
  if (!fields.host?.trim()) throw wrong("the host is empty");
  const port = wholeNumber(fields.port, 502, "port", 1, 65_535);
  return { transport: "tcp", host: fields.host.trim(), port };
}

const INPUTS = ["opened", "closed", "loop", "photocell", "fault"];

/**
 * Reads `{"loop": 3, "closed": "!4"}`: which line carries which input, inverted by "!".
 * @throws BarrierError "configuration"
 */
export function inputLines(
  given: string | Record<string, string | number> | undefined,
  name: string,
  highest: number,
): Partial<Record<keyof BarrierInputs, { address: number; inverted: boolean }>> {
  if (given === undefined || given === "") return {};
  let found: unknown = given;
  if (typeof given === "string") {
    try {
      found = JSON.parse(given);
    } catch {
      throw wrong(`${name}: not JSON`);
    }
  }
  if (typeof found !== "object" || found === null) throw wrong(`${name}: not a JSON object`);
  const entries = Object.entries(found).map(([key, value]: [string, unknown]) => {
    if (!INPUTS.includes(key)) throw wrong(`${name}: "${key}" is none of ${INPUTS.join(", ")}`);
    const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
    const inverted = text.startsWith("!");
    const plain = inverted ? text.slice(1) : text;
    if (plain.trim() === "") throw wrong(`${name}: "${key}" has no number`);
    const address = wholeNumber(raw(plain), 0, `${name}: ${key}`, 0, highest);
    return [key, { address, inverted }] as const;
  });
  return Object.fromEntries(entries);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** "0x0200" and "512" alike. */
function raw(value: unknown): unknown {
  return typeof value === "string" ? value.trim() : value;
}

function wrong(message: string): BarrierError {
  return new BarrierError("configuration", message);
}
