import assert from "node:assert/strict";
import { createDriver } from "../../adapters/barriers/drivers";
import { gpioOptions, type GpioFields } from "../../adapters/barriers/gpio-fields";
import { BarrierError, type BarrierDriver } from "../../core/barrier/ports";
import { until } from "../fixtures/barrier-kit";
import { FakeGpiod } from "../fixtures/fake-gpiod";

const codeOf = (error: unknown): string => (error instanceof BarrierError ? error.code : "?");

for (const version of ["1.6.3", "2.1"] as const) {
  describe(`barrier on GPIO, libgpiod ${version}`, () => {
    let tools: FakeGpiod;
    let made: BarrierDriver | null = null;

    beforeEach(() => {
      tools = new FakeGpiod(version);
    });
    afterEach(async () => {
      await made?.dispose();
      made = null;
      tools.remove();
    });

    function driver(fields: GpioFields = {}): BarrierDriver {
      made = createDriver({ kind: "gpio", options: gpioOptions({ pin: 17, ...fields }) });
      return made;
    }

    it("sets the line for the pulse and then to off, in this version's words", async () => {
      const relay = driver();
      await relay.safe();
      assert.equal(tools.level(17), 0);
      const { confirmed } = await relay.open(1_500);
      assert.equal(confirmed, true);
      await until(() => tools.level(17) === 1); // version 1 does not say when
      await until(() => tools.level(17) === 0);
      await until(() => tools.calls.length === 3);
      const words =
        version === "1.6.3"
          ? [
              "gpioset --mode=exit gpiochip0 17=0",
              "gpioset --mode=time --sec=1 --usec=500000 gpiochip0 17=1",
              "gpioset --mode=exit gpiochip0 17=0",
            ]
          : [
              "gpioset --chip gpiochip0 --toggle 0 17=0",
              "gpioset --chip gpiochip0 --banner --toggle 1500ms,0 17=1",
              "gpioset --chip gpiochip0 --toggle 0 17=0",
            ];
      assert.deepEqual(tools.calls, words);
    });

    it("opens and lets go, active low", async () => {
      const relay = driver({ activeLow: true });
      await relay.safe();
      assert.equal(tools.level(17), 1, "off is high");
      await relay.open(60_000);
      await until(() => tools.level(17) === 0);
      await relay.release();
      assert.equal(tools.level(17), 1);
    });

    it("starts nothing that would keep the line without an end", async () => {
      const relay = driver();
      assert.equal(relay.capabilities.hold, false);
      await assert.rejects(relay.hold(), /pulses only/);
      assert.deepEqual(tools.calls, []);
    });

    it("closes on a line of its own", async () => {
      const relay = driver({ closePin: 18 });
      await relay.close(2_000);
      await until(() => tools.level(18) === 1);
      await until(() => tools.level(18) === 0);
    });

    it("reads inputs", async () => {
      const relay = driver({ inputLines: '{"loop": 22, "closed": "!23"}' });
      tools.set(22, 1);
      const { inputs } = await relay.status();
      assert.equal(inputs.loop, true);
      assert.equal(inputs.closed, true, "inverted");
      assert.equal(inputs.photocell, null);
    });

    it("is checked without touching a line", async () => {
      const good = driver({ inputLines: '{"loop": 27}' });
      await good.check?.();
      await good.dispose();
      const many = driver({ closePin: 28 });
      await assert.rejects(Promise.resolve(many.check?.()), /line 28 does not exist.*28 lines/);
      await many.dispose();
      const chip = driver({ chip: "gpiochip7" });
      await assert.rejects(Promise.resolve(chip.check?.()), /cannot find GPIO chip/);
      assert.ok(tools.calls.every((call) => call.startsWith("gpioinfo ")));
    });

    it("says so when the line does not exist", async () => {
      await assert.rejects(driver({ pin: 40 }).open(300), (error: Error) => {
        assert.equal(codeOf(error), "refused");
        assert.match(error.message, /Invalid argument/);
        return true;
      });
    });
  });
}

describe("barrier on GPIO without its tools", () => {
  it("says what to install", async () => {
    const path = process.env.PATH;
    process.env.PATH = "/nonexistent";
    const relay = createDriver({ kind: "gpio", options: gpioOptions({ pin: 17 }) });
    try {
      await assert.rejects(relay.open(200), (error: Error) => {
        assert.equal(codeOf(error), "configuration");
        assert.match(error.message, /gpiod/);
        return true;
      });
    } finally {
      process.env.PATH = path;
      await relay.dispose();
    }
  });

  it("says so where sysfs is chosen and onoff is not there", async function () {
    try {
      require.resolve("onoff");
      this.skip();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
    const options = gpioOptions({ pin: 17, method: "onoff" });
    const relay = createDriver({ kind: "gpio", options });
    await assert.rejects(relay.safe(), /npm i onoff/);
    await relay.dispose();
  });
});

describe("GPIO fields", () => {
  it("refuses what cannot be right, naming the field", () => {
    const wrong = (fields: GpioFields, text: RegExp): void => {
      assert.throws(
        () => gpioOptions(fields),
        (error: Error) => codeOf(error) === "configuration" && text.test(error.message),
      );
    };
    wrong({}, /open line is empty/);
    wrong({ pin: "x" }, /open line/);
    wrong({ pin: 600 }, /open line/);
    wrong({ pin: 17, closePin: 17 }, /line 17 is used twice/);
    wrong({ pin: 17, inputLines: { loop: 17 } }, /used twice/);
    wrong({ pin: 17, chip: "-x; rm" }, /chip/);
    wrong({ pin: 17, method: "magic" }, /method/);
  });
});
