import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { BarrierInputs } from "../../core/barrier/ports";
import { gpioOptions, type GpioFields } from "../../adapters/barriers/gpio-fields";
import { until } from "../fixtures/barrier-kit";
import { FakeSysfs } from "../fixtures/fake-sysfs";

const CHILD = join(__dirname, "..", "fixtures", "gpio-child.js");
/** As on a Raspberry Pi with a kernel of 6.6 or later. */
const BASE = 512;

/** The real onoff package on a tree of files in the place of the kernel's. */
describe("barrier on GPIO by sysfs, onoff's own output path", function () {
  this.timeout(60_000);
  let sysfs: FakeSysfs;
  let child: ChildProcess | null = null;
  let answers: string[] = [];

  before(function () {
    this.timeout(300_000); // onoff may have to be compiled first
    const trouble = FakeSysfs.trouble();
    if (trouble === null) return;
    this.test!.parent!.title += ` (skipped: ${trouble})`;
    this.skip();
  });
  beforeEach(() => {
    sysfs = new FakeSysfs([BASE + 17, BASE + 18, BASE + 22]);
  });
  afterEach(async () => {
    const { exitCode = 0, signalCode = null } = child ?? {};
    if (child && exitCode === null && signalCode === null) {
      const gone = new Promise((resolve) => child?.once("exit", resolve));
      child.stdin?.end();
      child.kill();
      await gone;
    }
    child = null;
    sysfs.remove();
  });

  function start(fields: GpioFields = {}): void {
    const options = gpioOptions({ pin: 17, method: "onoff", chipBase: BASE, ...fields });
    child = sysfs.spawn([CHILD, JSON.stringify({ kind: "gpio", options })]);
    answers = [];
    child.stdout?.on("data", (data: Buffer) => {
      answers.push(...data.toString().trim().split("\n"));
    });
  }

  async function tell(order: string): Promise<string> {
    const before = answers.length;
    child?.stdin?.write(`${order}\n`);
    await until(() => answers.length > before, 20_000);
    return answers.at(-1) ?? "";
  }

  it("sets the line for the pulse and then to off", async () => {
    start();
    assert.equal(await tell("safe"), '"done"');
    assert.equal(sysfs.read(BASE + 17, "direction"), "low");
    assert.equal(sysfs.read(BASE + 17, "value"), "0");
    assert.match(await tell("open 1500"), /"confirmed":true/);
    assert.equal(sysfs.read(BASE + 17, "value"), "1");
    await until(() => sysfs.read(BASE + 17, "value") === "0");
    await tell("hold");
    assert.equal(sysfs.read(BASE + 17, "value"), "1");
    await tell("release");
    assert.equal(sysfs.read(BASE + 17, "value"), "0");
  });

  it("starts an active-low line at high and tells the kernel which level is on", async () => {
    start({ activeLow: true });
    await tell("safe");
    assert.equal(sysfs.read(BASE + 17, "direction"), "high");
    assert.equal(sysfs.read(BASE + 17, "active_low"), "1");
    assert.equal(sysfs.read(BASE + 17, "value"), "0", "off, as the kernel then counts");
  });

  it("reads inputs", async () => {
    start({ inputLines: '{"loop": 22}' });
    sysfs.set(BASE + 22, 1);
    const { inputs } = JSON.parse(await tell("status")) as { inputs: BarrierInputs };
    assert.equal(inputs.loop, true);
    assert.equal(sysfs.read(BASE + 22, "direction"), "in");
  });

  it("says so where the line does not exist", async () => {
    start({ pin: 40 });
    assert.match(await tell("open 500"), /no such GPIO line/);
  });

  it("drops the line after kill -9 in mid-pulse", async () => {
    start();
    assert.match(await tell("open 1500"), /"confirmed":true/);
    assert.equal(sysfs.read(BASE + 17, "value"), "1");
    child?.kill("SIGKILL");
    await until(() => sysfs.read(BASE + 17, "value") === "0", 20_000);
  });
});
