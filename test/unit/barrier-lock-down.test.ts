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

  /** A barrier whose driver is still at an open when the lock-down comes. */
  function underWay(action: "open" | "hold", passage: string | null): Bench {
    let slow = false;
    const bench = new Bench({ ...SENSORS, retries: 2 }, () => (slow ? null : false));
    bench.inputs();
    slow = true;
    bench.ask(action, passage);
    bench.feed({ type: "lock-down" });
    slow = false;
    return bench;
  }

  it("does not try again an open that fails after the lock-down", () => {
    const bench = underWay("open", "p1");
    bench.answer(false);
    assert.equal(bench.last, "open failed lock_down");
    bench.wait(60_000);
    assert.deepEqual(
      bench.calls.filter((call) => call === "open"),
      ["open"],
    );
  });

  for (const [action, passage] of [
    ["open", "p1"],
    ["hold", null],
  ] as const) {
    it(`brings down what a late ${action} raised after the lock-down`, () => {
      const bench = underWay(action, passage);
      bench.inputs({ loop: true });
      bench.answer(true);
      bench.wait(500);
      bench.inputs({ loop: true });
      assert.equal(bench.state.staysOpen, "safety_active");
      for (let n = 0; n < 6; n += 1) {
        bench.wait(500);
        bench.inputs();
      }
      assert.equal(bench.calls.at(-1), action === "open" ? "close" : "release");
      assert.equal(bench.state.staysOpen, null);
    });
  }

  it("lets a person's open that is under way go on", () => {
    const bench = underWay("open", null);
    bench.answer(true);
    assert.equal(bench.last, "open done");
    bench.wait(500);
    bench.inputs();
    assert.equal(bench.calls.at(-1), "open");
  });

  for (const event of ["lock", "lock-down"] as const) {
    it(`closes after a ${event} though a refused open came in between`, () => {
      const bench = new Bench({ ...SENSORS, inputs: ["loop", "photocell", "fault"] });
      bench.inputs();
      bench.ask("open", "p1");
      bench.wait(SENSORS.openingMs);
      bench.inputs({ loop: true });
      if (event === "lock") bench.ask("lock");
      else bench.feed({ type: "lock-down" });
      bench.inputs({ loop: true, fault: event === "lock-down" });
      bench.ask("open", "p2");
      assert.match(bench.last, /^open refused/);
      bench.ask("hold");
      assert.match(bench.last, /^hold refused/);
      bench.ask("open", "p1");
      assert.equal(bench.last, "open ignored already_opened");
      bench.inputs();
      bench.wait(SENSORS.clearMs);
      bench.inputs();
      assert.equal(bench.calls.at(-1), "close");
    });
  }

  it("leaves the close output on when a refused open comes", () => {
    const bench = new Bench(SENSORS);
    bench.inputs();
    bench.ask("open", "p1");
    bench.wait(SENSORS.openingMs);
    bench.inputs();
    bench.ask("lock");
    bench.wait(SENSORS.clearMs);
    bench.inputs();
    assert.equal(bench.calls.at(-1), "close");
    bench.ask("open", "p2");
    assert.equal(bench.last, "open refused locked");
    assert.equal(bench.calls.at(-1), "close");
  });

  it("goes on closing though a person's close was refused", () => {
    const bench = new Bench(SENSORS);
    bench.inputs();
    bench.ask("open", "p1");
    bench.wait(SENSORS.openingMs);
    bench.inputs({ loop: true });
    bench.feed({ type: "lock-down" });
    bench.ask("close");
    bench.inputs({ loop: true });
    assert.equal(bench.last, "close refused safety_active");
    bench.inputs();
    bench.wait(SENSORS.clearMs);
    bench.inputs();
    assert.equal(bench.calls.at(-1), "close");
  });
});
