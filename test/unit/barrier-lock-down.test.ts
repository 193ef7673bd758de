import assert from "node:assert/strict";
import { Bench, SENSORS, SIMPLE } from "../fixtures/barrier-bench";

describe("barrier machine, when its site is locked down", () => {
  it("brings a held boom down at a lock-down, or says why not", () => {
    const bench = new Bench(SENSORS);
    bench.inputs();
    bench.ask("hold");
    bench.inputs({ loop: true });
    bench.feed({ type: "lock-down" });
    assert.equal(bench.state.staysOpen, "safety_active");
    assert.equal(bench.shown, "held");
    assert.ok(!bench.calls.includes("release"), "a vehicle is under it");
    bench.inputs();
    assert.equal(bench.calls.at(-1), "release");
    bench.wait(SENSORS.openingMs + SENSORS.openMs + SENSORS.closingMs);
    assert.equal(bench.shown, "closed");
    assert.equal(bench.state.staysOpen, null);
    assert.deepEqual(bench.facts, ["release_waits: active", "stays_open: safety_active"]);
    bench.ask("open");
    assert.equal(bench.last, "open done", "a person may");
  });

  it("closes an open boom at a lock-down as soon as that is safe", () => {
    const bench = new Bench(SENSORS);
    bench.inputs();
    bench.ask("open", "p1");
    bench.wait(SENSORS.openingMs + 100);
    bench.feed({ type: "lock-down" });
    bench.inputs({ photocell: true });
    assert.equal(bench.state.staysOpen, "safety_active");
    bench.inputs();
    bench.wait(SENSORS.clearMs);
    bench.inputs();
    assert.equal(bench.calls.at(-1), "close");
    assert.equal(bench.state.staysOpen, null);
  });

  it("says at a lock-down where there is no way to close", () => {
    for (const [config, why] of [
      [SIMPLE, "no_close_output"],
      [{ ...SIMPLE, canClose: true }, "no_safety_input"],
    ] as const) {
      const bench = new Bench(config);
      bench.ask("open", "p1");
      bench.feed({ type: "lock-down" });
      assert.equal(bench.state.staysOpen, why);
      bench.wait(60_000);
      assert.equal(bench.state.staysOpen, null);
      assert.deepEqual(bench.facts, [`stays_open: ${why}`]);
    }
  });

  it("refuses at a lock-down the decisions that wait, not people's commands", () => {
    const bench = new Bench(SIMPLE, () => true);
    bench.ask("open", "p1");
    bench.feed({ type: "lock-down" });
    assert.equal(bench.last, "open refused lock_down");
    bench.ask("open");
    bench.feed({ type: "lock-down" });
    assert.equal(bench.last, "open refused lock_down", "that one is still tried");
    bench.wait(10_000);
    assert.equal(bench.last, "open failed device_failed");
  });
});
