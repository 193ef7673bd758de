import { Option, type Command } from "commander";
import { createDriver, type DriverSpec } from "../adapters/barriers/drivers";
import { gpioOptions, type GpioFields } from "../adapters/barriers/gpio-fields";
import { httpOptions, type HttpFields } from "../adapters/barriers/http-fields";
import { HTTP_PRESETS } from "../adapters/barriers/http-presets";
import {
  MODBUS_PRESETS,
  modbusOptions,
  type ModbusFields,
} from "../adapters/barriers/modbus-fields";
import { BarrierError, type BarrierDriver } from "../core/barrier/ports";

interface TestFlags {
  open?: boolean;
  pulse: string;
  json?: boolean;
}

/** What the test saw; printed as one JSON line with `--json`. */
interface TestResult {
  ok: boolean;
  kind: string;
  device_times_pulse: boolean;
  opened: boolean;
  /** From the request to the device's confirmation. */
  confirmed_ms: number | null;
  energised: boolean | null;
  inputs: Record<string, boolean | null>;
  error: { code: string; message: string } | null;
}

/** Adds `plategate barrier test http|modbus|gpio`. */
export function register(program: Command): void {
  const barrier = program.command("barrier").description("try a barrier without Node-RED");
  const test = barrier
    .command("test")
    .description("reach a barrier and read its status; move it only with --open");
  common(test.command("http"))
    .description("a relay or barrier on HTTP")
    .requiredOption("--url <url>", "the device's address")
    .addOption(
      new Option("--preset <preset>", "the device").choices(HTTP_PRESETS).default("shelly-gen2"),
    )
    .option("--channel <n>", "relay number, as the device counts")
    .addOption(new Option("--auth <type>", "login").choices(["none", "basic", "digest", "bearer"]))
    .option("--user <name>", "user; the password comes from BARRIER_PASSWORD")
    .option("--timeout-ms <ms>", "longest wait for an answer")
    .action((flags: HttpFields & TestFlags & { user?: string }) => {
      const { BARRIER_PASSWORD: password, BARRIER_TOKEN: token } = process.env;
      const secrets = {
        ...(flags.user ? { user: flags.user } : {}),
        ...(password ? { password } : {}),
        ...(token ? { token } : {}),
      };
      return run(flags, () => ({ kind: "http", options: httpOptions(flags, secrets) }));
    });
  common(test.command("modbus"))
    .description("a relay board on Modbus TCP (--host) or RTU (--path)")
    .option("--host <host>", "address of a Modbus TCP device")
    .option("--port <n>", "its port")
    .option("--path <device>", "serial port of a Modbus RTU device")
    .option("--baud-rate <n>", "speed of the serial port")
    .addOption(
      new Option("--preset <preset>", "the board")
        .choices(Object.keys(MODBUS_PRESETS))
        .default("waveshare"),
    )
    .option("--unit <n>", "unit id")
    .option("--address <n>", "coil or register")
    .option("--no-flash", "time the pulse here though the board could")
    .action((flags: ModbusFields & TestFlags) => {
      const transport = flags.path ? "rtu" : "tcp";
      return run(flags, () => ({
        kind: "modbus",
        options: modbusOptions({ ...flags, transport }),
      }));
    });
  common(test.command("gpio"))
    .description("a relay on a GPIO line")
    .requiredOption("--pin <n>", "line of the open relay")
    .option("--chip <name>", "GPIO chip")
    .addOption(new Option("--method <m>", "means").choices(["auto", "v1", "v2", "onoff"]))
    .option("--chip-base <n>", "for onoff: number of the chip's first line")
    .option("--active-low", "a low level switches the relay on")
    .action((flags: GpioFields & TestFlags) =>
      run(flags, () => ({ kind: "gpio", options: gpioOptions(flags) })),
    );
}

function common(command: Command): Command {
  return command
    .option("--open", "really open: the barrier moves")
    .option("--pulse <ms>", "length of the pulse", "500")
    .option("--json", "print one JSON line");
}

async function run(flags: TestFlags, spec: () => DriverSpec): Promise<void> {
  let result: TestResult;
  try {
    const driver = createDriver(spec());
    try {
      result = await tryOut(driver, flags);
    } finally {
      await driver.dispose();
    }
  } catch (error) {
    result = failed(error);
  }
  process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : inWords(result));
  if (!result.ok) process.exitCode = 1;
}

async function tryOut(driver: BarrierDriver, flags: TestFlags): Promise<TestResult> {
  const pulseMs = Number(flags.pulse);
  if (!Number.isInteger(pulseMs) || pulseMs < 50 || pulseMs > 60_000) {
    throw new BarrierError("configuration", "--pulse must be from 50 to 60000 ms");
  }
  const { kind, capabilities } = driver;
  let confirmedMs: number | null = null;
  if (flags.open) {
    await driver.safe();
    const from = performance.now();
    const { confirmed } = await driver.open(pulseMs);
    if (confirmed) confirmedMs = Math.round(performance.now() - from);
  } else await driver.check?.();
  const { energised, inputs } = await driver.status();
  if (flags.open && !capabilities.deviceTimedPulse) {
    // We end the pulse, so we stay until it is over.
    await new Promise((resolve) => setTimeout(resolve, pulseMs));
    await driver.safe();
  }
  return {
    ok: true,
    kind,
    device_times_pulse: capabilities.deviceTimedPulse,
    opened: flags.open === true,
    confirmed_ms: confirmedMs,
    energised,
    inputs: Object.fromEntries(capabilities.inputs.map((name) => [name, inputs[name]])),
    error: null,
  };
}

function failed(error: unknown): TestResult {
  const known = error instanceof BarrierError;
  const message = error instanceof Error ? error.message : String(error);
  return {
    ok: false,
    kind: "",
    device_times_pulse: false,
    opened: false,
    confirmed_ms: null,
    energised: null,
    inputs: {},
    error: { code: known ? error.code : "failed", message },
  };
}

function inWords(result: TestResult): string {
  if (result.error) return `failed: ${result.error.message} (${result.error.code})\n`;
  const lines = [
    result.opened
      ? `opened; confirmed after ${result.confirmed_ms ?? "?"} ms`
      : "not moved (--open moves it)",
    `pulse timed by ${result.device_times_pulse ? "the device" : "Plategate, with a guard process"}`,
    `output: ${result.energised === null ? "not readable" : result.energised ? "on" : "off"}`,
    ...Object.entries(result.inputs).map(([name, value]) => `input ${name}: ${value ?? "unknown"}`),
  ];
  return `${lines.join("\n")}\n`;
}
