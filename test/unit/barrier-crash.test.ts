import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BarrierController } from "../../adapters/barriers/controller";
import { createDriver, type DriverSpec } from "../../adapters/barriers/drivers";
import { gpioOptions } from "../../adapters/barriers/gpio-fields";
import { ProcessGuard } from "../../adapters/barriers/guard";
import { BarrierRegistry } from "../../adapters/barriers/registry";
import { DEFAULT_CONFIG } from "../../core/barrier/machine-types";
import { httpOptions } from "../../adapters/barriers/http-fields";
import { modbusOptions } from "../../adapters/barriers/modbus-fields";
import { until } from "../fixtures/barrier-kit";
import { FakeGpiod } from "../fixtures/fake-gpiod";
import { ModbusBoard } from "../fixtures/modbus-board";
import { RelayServer } from "../fixtures/relay-server";

const VICTIM = join(__dirname, "..", "fixtures", "barrier-victim.js");

const kept: { stop(): unknown }[] = [];

/** Stops it after the test, however that ends. */
function keep<T extends { stop(): unknown }>(thing: T): T {
  kept.push(thing);
  return thing;
}

afterEach(async () => {
  for (const thing of kept.splice(0)) await thing.stop();
});

/** Opens from another process and kills that with -9 as soon as the output is on. */
async function killInMidPulse(
  spec: DriverSpec,
  pulse: number | "hold" | "held",
  besides: (victim: number) => void = () => undefined,
): Promise<void> {
  const victim: ChildProcess = spawn(
    process.execPath,
    [VICTIM, JSON.stringify(spec), String(pulse)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const gone = new Promise<void>((resolve) => victim.once("exit", () => resolve()));
  let said = "";
  victim.stdout?.on("data", (data: Buffer) => (said += data.toString()));
  await until(() => said.includes("open") || victim.exitCode !== null, 30_000);
  assert.match(said, /open/);
  besides(victim.pid ?? 0);
  victim.kill("SIGKILL");
  await gone;
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
}

/** One that ended but was not waited for by the machine's first process does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^\S+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** The device's own record: on for the pulse, and a second more at most. */
function backInTime(changes: { at: number; on: boolean }[], pulse: number): void {
  const [on, off] = changes;
  assert.ok(on?.on && off && !off.on);
  const lasted = off.at - on.at;
  assert.ok(lasted >= pulse - 100 && lasted <= pulse + 1_000, `it was on for ${lasted} ms`);
}

describe("kill -9 in mid-pulse", function () {
  this.timeout(60_000);

  it("an HTTP relay without a timer of its own is dropped at the pulse's end", async () => {
    const relay = keep(new RelayServer());
    const url = await relay.start();
    const spec = { kind: "http" as const, options: httpOptions({ preset: "controlbyweb", url }) };
    await killInMidPulse(spec, 1_500);
    assert.equal(relay.output, true, "still in its pulse");
    await until(() => !relay.output, 20_000);
    const [on, off] = relay.changes;
    assert.ok(on && off && off.at - on.at >= 1_400, "not cut short");
  });

  it("an HTTP relay that is held is let go", async () => {
    const relay = keep(new RelayServer());
    const url = await relay.start();
    const spec = { kind: "http" as const, options: httpOptions({ preset: "shelly-gen2", url }) };
    await killInMidPulse(spec, "hold");
    assert.equal(relay.output, true);
    await until(() => !relay.output, 30_000);
  });

  for (const preset of ["shelly-gen2", "shelly-gen1", "controlbyweb-xml"]) {
    it(`a device that times the pulse ends it by itself within a second more: ${preset}`, async () => {
      const relay = keep(new RelayServer());
      const url = await relay.start();
      const spec = { kind: "http" as const, options: httpOptions({ preset, url }) };
      await killInMidPulse(spec, 1_500);
      assert.equal(relay.output, true, "killed in mid-pulse");
      await until(() => !relay.output, 20_000);
      backInTime(relay.changes, 1_500);
      assert.equal(relay.requests.length, 1, "nobody but the device ended it");
    });
  }

  it("a Modbus board's flash-on ends within a second more", async () => {
    const board = keep(new ModbusBoard());
    const port = await board.listen();
    const options = modbusOptions({ preset: "waveshare", host: "127.0.0.1", port });
    await killInMidPulse({ kind: "modbus", options }, 1_500);
    assert.equal(board.coils[0], true, "killed in mid-pulse");
    await until(() => board.coils[0] === false, 20_000);
    backInTime(board.changes, 1_500);
    assert.equal(board.writes.length, 1, "nobody but the board ended it");
  });

  it("a Modbus coil is dropped at the pulse's end", async () => {
    const board = keep(new ModbusBoard());
    const port = await board.listen();
    const options = modbusOptions({ preset: "coil", host: "127.0.0.1", port });
    await killInMidPulse({ kind: "modbus", options }, 1_500);
    assert.equal(board.coils[0], true);
    await until(() => board.coils[0] === false, 20_000);
  });

  for (const version of ["1.6.3", "2.1"] as const) {
    it(`a GPIO line is dropped, libgpiod ${version}`, async () => {
      const tools = new FakeGpiod(version);
      keep({ stop: () => tools.remove() });
      const spec = { kind: "gpio" as const, options: gpioOptions({ pin: 17 }) };
      await killInMidPulse(spec, 1_500);
      await until(() => tools.level(17) === 1);
      await until(() => tools.level(17) === 0, 20_000);
    });
  }

  for (const version of ["1.6.3", "2.1"] as const) {
    it(`a GPIO line that is held falls and is free again, libgpiod ${version}`, async function () {
      if (process.platform !== "linux") return this.skip();
      const tools = new FakeGpiod(version);
      keep({ stop: () => tools.remove() });
      const options = gpioOptions({ pin: 17 });
      let left: number[] = [];
      await killInMidPulse({ kind: "gpio", options }, "held", (victim) => {
        left = childrenOf(victim);
      });
      assert.equal(left.length, 2, "the guard and the tool that keeps the line");
      await until(() => !left.some(isRunning), 20_000);
      assert.equal(tools.level(17), 0);
      const next = createDriver({ kind: "gpio", options });
      keep({ stop: () => next.dispose() });
      await next.safe();
      await next.open(60_000);
      await until(() => tools.level(17) === 1);
    });
  }

  it("where even the guard is killed, the next start drops the output first", async function () {
    if (process.platform !== "linux") return this.skip();
    const board = keep(new ModbusBoard());
    const port = await board.listen();
    const options = modbusOptions({ preset: "coil", host: "127.0.0.1", port });
    await killInMidPulse({ kind: "modbus", options }, 1_500, (victim) => {
      const guards = childrenOf(victim);
      assert.equal(guards.length, 1);
      for (const guard of guards) process.kill(guard, "SIGKILL");
    });
    const on = board.changes[0]?.at ?? 0;
    await until(() => Date.now() > on + 2_600);
    assert.equal(board.coils[0], true, "nobody is left to drop it");
    const next = new BarrierController({
      id: "crash-test",
      name: "crash test",
      laneId: null,
      driver: createDriver({ kind: "modbus", options }),
      machine: DEFAULT_CONFIG,
      pollMs: 0,
      registry: new BarrierRegistry(),
    });
    next.start();
    await until(() => board.coils[0] === false);
    await next.stop();
  });
});

describe("the guard", () => {
  it("ends with the driver and leaves no process behind", async () => {
    const board = keep(new ModbusBoard());
    const port = await board.listen();
    const options = modbusOptions({ preset: "coil", host: "127.0.0.1", port });
    const guard = new ProcessGuard({ kind: "modbus", options });
    await guard.arm(60_000);
    const { pid } = guard;
    assert.ok(pid);
    guard.disarm();
    await guard.dispose();
    assert.throws(() => process.kill(pid, 0), /ESRCH/);
    assert.equal(board.writes.length, 0, "a disarmed guard touches nothing");
  });

  it("drops an output whose end we are late with", async () => {
    const board = keep(new ModbusBoard());
    const port = await board.listen();
    board.coils[0] = true;
    const options = modbusOptions({ preset: "coil", host: "127.0.0.1", port });
    const guard = new ProcessGuard({ kind: "modbus", options });
    await guard.arm(200);
    await until(() => board.coils[0] === false);
    await guard.dispose();
  });
});
