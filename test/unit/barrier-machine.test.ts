import assert from "node:assert/strict";
import fc from "fast-check";
import type { BarrierInputs } from "../../core/barrier/ports";
import { Bench, SENSORS, SIMPLE } from "../fixtures/barrier-bench";
import { watchMoves } from "../fixtures/barrier-oracle";

describe("barrier machine", () => {
  it("drops the output at start and goes round by its times", () => {
    const bench = new Bench(SIMPLE);
    assert.deepEqual(bench.calls, ["safe"]);
    assert.equal(bench.shown, "closed");
    bench.ask("open", "p1");
    assert.equal(bench.last, "open done");
    assert.equal(bench.shown, "opening");
    bench.wait(SIMPLE.openingMs);
    assert.equal(bench.shown, "open");
    bench.wait(SIMPLE.openMs);
    assert.equal(bench.shown, "closing");
    bench.wait(SIMPLE.closingMs);
    assert.equal(bench.shown, "closed");
    assert.deepEqual(bench.calls, ["safe", "open"]);
  });

  it("opens once per passage and again for the next, holding for a follower", () => {
    const bench = new Bench(SIMPLE);
    bench.ask("open", "p1");
    bench.ask("open", "p1");
    assert.equal(bench.last, "open ignored already_opened");
    bench.wait(SIMPLE.openingMs + SIMPLE.openMs - 1);
    bench.ask("open", "p2");
    assert.equal(bench.last, "open done");
    bench.wait(SIMPLE.openMs - 1);
    assert.equal(bench.shown, "open", "the time counts from the follower's open");
    bench.wait(20_000);
    assert.equal(bench.shown, "closed");
  });

  it("tries again up to the limit, then says that it failed and drops the output", () => {
    const bench = new Bench({ ...SIMPLE, retries: 2 }, () => true);
    bench.calls.length = 0;
    bench.ask("open", "p1");
    bench.wait(1_400);
    assert.deepEqual(bench.calls, ["open", "open", "open"]);
    assert.equal(bench.last, "open failed device_failed");
    assert.equal(bench.shown, "fault");
    bench.wait(2_000);
    assert.equal(bench.calls.at(-1), "safe");
  });

  it("gives a passage another chance after a failure", () => {
    let broken = false;
    const bench = new Bench({ ...SIMPLE, retries: 0 }, () => broken);
    broken = true;
    bench.ask("open", "p1");
    broken = false;
    bench.ask("open", "p1");
    assert.equal(bench.last, "open done");
    assert.equal(bench.shown, "opening");
  });

  it("does not open late", () => {
    const bench = new Bench(SIMPLE);
    const old = { id: 99, action: "open" as const, passageId: "p", override: false };
    bench.feed({ type: "request", request: { ...old, at: bench.now - 11_000 } });
    assert.equal(bench.last, "open failed too_late");
  });

  it("refuses opens while locked, except in an emergency", () => {
    const bench = new Bench(SIMPLE);
    bench.ask("lock");
    assert.equal(bench.shown, "locked");
    bench.ask("open", "p1");
    assert.equal(bench.last, "open refused locked");
    bench.ask("hold");
    assert.equal(bench.last, "hold refused locked");
    bench.ask("open", "p2", true);
    assert.equal(bench.last, "open done");
    bench.feed({ type: "emergency", active: true });
    assert.equal(bench.shown, "held");
    assert.equal(bench.calls.at(-1), "hold");
    bench.feed({ type: "emergency", active: false });
    assert.equal(bench.calls.at(-1), "release");
    bench.ask("unlock");
    assert.equal(bench.last, "unlock done");
  });

  it("closes only on fresh inputs that are clear", () => {
    const bench = new Bench(SENSORS);
    bench.ask("open", "p1");
    bench.wait(5_000);
    bench.ask("close");
    assert.ok(!bench.calls.includes("close"), "waits for the inputs");
    bench.inputs({ loop: true });
    assert.equal(bench.last, "close refused safety_active");
    bench.ask("close");
    bench.inputs({ photocell: null });
    assert.equal(bench.last, "close refused safety_unknown");
    bench.ask("close");
    bench.feed({ type: "inputs-lost", detail: "" });
    assert.equal(bench.last, "close refused safety_unknown");
    bench.ask("close");
    bench.inputs();
    assert.equal(bench.last, "close done");
    assert.equal(bench.shown, "closing");
    bench.inputs({ loop: true });
    assert.equal(bench.calls.at(-1), "safe", "the close output drops when a vehicle appears");
  });

  it("refuses a close without any sensor unless that is allowed", () => {
    const refusing = new Bench({ ...SIMPLE, canClose: true });
    refusing.ask("close");
    assert.equal(refusing.last, "close refused no_safety_input");
    const allowing = new Bench({ ...SIMPLE, canClose: true, closeWithoutSensors: true });
    allowing.ask("open", "p1");
    allowing.wait(4_000);
    allowing.ask("close");
    assert.equal(allowing.last, "close done");
    const unable = new Bench(SIMPLE);
    unable.ask("close");
    assert.equal(unable.last, "close refused no_close_output");
  });

  it("closes by itself once the vehicle has been gone for a moment", () => {
    const bench = new Bench({ ...SENSORS, autoClose: true, openMs: 2_000, openingMs: 1_000 });
    bench.ask("open", "p1");
    for (let n = 0; n < 10; n += 1) {
      bench.wait(500);
      bench.inputs({ loop: true });
    }
    assert.ok(!bench.calls.includes("close"), "never on a vehicle, however long it takes");
    bench.wait(500);
    bench.inputs();
    assert.ok(!bench.calls.includes("close"), "not at once");
    bench.wait(600);
    bench.inputs();
    bench.wait(600);
    bench.inputs();
    assert.equal(bench.calls.at(-1), "close");
  });

  describe("that we close ourselves", () => {
    const own = { ...SENSORS, autoClose: true, openMs: 2_000, openingMs: 1_000 };

    function clearFor(bench: Bench, ms: number, more: Partial<BarrierInputs> = {}): void {
      for (let passed = 0; passed < ms; passed += 500) {
        bench.wait(500);
        bench.inputs(more);
      }
    }

    /** Stays up over a vehicle, however long, and comes down once it has gone. */
    function closesWhenClear(bench: Bench, more: Partial<BarrierInputs> = {}): void {
      clearFor(bench, 10_000, { ...more, loop: true });
      assert.ok(!bench.calls.includes("close"), "never on a vehicle");
      clearFor(bench, 6_000, more);
      assert.equal(bench.calls.filter((call) => call === "close").length, 1, String(bench.calls));
    }

    it("comes down after a hold", () => {
      const bench = new Bench(own);
      bench.inputs();
      bench.ask("hold");
      bench.ask("release");
      assert.equal(bench.calls.at(-1), "release");
      assert.equal(bench.shown, "open", "dropping the output does not close it");
      closesWhenClear(bench);
    });

    it("comes down after an emergency", () => {
      const bench = new Bench(own);
      bench.inputs();
      bench.feed({ type: "emergency", active: true });
      clearFor(bench, 5_000);
      bench.feed({ type: "emergency", active: false });
      closesWhenClear(bench);
    });

    it("comes down after a hold that failed", () => {
      let broken = false;
      const bench = new Bench({ ...own, retries: 0 }, () => broken);
      bench.inputs();
      bench.ask("open", "p1");
      broken = true;
      bench.ask("hold");
      assert.equal(bench.last, "hold failed device_failed");
      broken = false;
      closesWhenClear(bench);
    });

    it("comes down where it is found open at start", () => {
      const bench = new Bench({ ...own, inputs: ["loop", "photocell", "opened"] });
      bench.inputs({ opened: true });
      closesWhenClear(bench, { opened: true });
    });
  });

  it("lets a hold go only when nothing is under the boom", () => {
    const bench = new Bench(SENSORS);
    bench.inputs({ loop: true });
    bench.ask("hold");
    assert.equal(bench.shown, "held");
    bench.ask("release");
    assert.equal(bench.calls.at(-1), "hold");
    bench.wait(500);
    bench.inputs();
    assert.equal(bench.calls.at(-1), "release");
  });

  it("holds a barrier that knows pulses alone by repeating them", () => {
    const bench = new Bench({ ...SIMPLE, canHold: false });
    bench.ask("hold");
    bench.wait(30_000);
    const opens = bench.calls.filter((call) => call === "open").length;
    assert.ok(opens >= 4 && opens <= 6, String(opens));
    assert.equal(bench.shown, "held");
    bench.ask("release");
    bench.wait(30_000);
    assert.equal(bench.shown, "closed");
    assert.equal(bench.calls.filter((call) => call === "open").length, opens);
  });

  it("follows limit switches and notices a boom that does not arrive", () => {
    const bench = new Bench({ ...SIMPLE, inputs: ["opened", "closed"] });
    assert.equal(bench.shown, "unknown");
    bench.inputs({ opened: false, closed: true });
    assert.equal(bench.shown, "closed");
    bench.ask("open", "p1");
    bench.wait(60_000);
    assert.equal(bench.shown, "fault");
    bench.inputs({ opened: true, closed: false });
    assert.equal(bench.shown, "open");
    bench.inputs({ opened: false, closed: false });
    assert.equal(bench.shown, "closing");
    bench.inputs({ opened: false, closed: true });
    assert.equal(bench.shown, "closed");
  });

  it("shows a reported fault and refuses to open on it", () => {
    const bench = new Bench({ ...SIMPLE, inputs: ["fault"] });
    bench.inputs({ fault: true });
    assert.equal(bench.shown, "fault");
    bench.ask("open", "p1");
    assert.equal(bench.last, "open refused barrier_fault");
    bench.inputs({ fault: false });
    bench.ask("open", "p1");
    assert.equal(bench.last, "open done");
  });

  it("drops an output that stays energised after its pulse", () => {
    const bench = new Bench(SIMPLE);
    bench.ask("open", "p1");
    bench.wait(600);
    bench.inputs({}, true);
    bench.wait(2_100);
    bench.inputs({}, true);
    assert.equal(bench.calls.at(-1), "safe");
  });

  it("refuses what waits and drops the output at stop", () => {
    const bench = new Bench(SENSORS);
    bench.ask("close");
    bench.feed({ type: "stop" });
    assert.equal(bench.last, "close refused stopping");
    assert.equal(bench.calls.at(-1), "safe");
    bench.ask("open", "p1");
    assert.equal(bench.last, "open refused stopping");
  });

  /** PLATEGATE_FULL=1 runs all 100,000; PLATEGATE_SEQUENCES any number. */
  const full = process.env.PLATEGATE_FULL === "1" ? 100_000 : 3_000;
  const sequences = Number(process.env.PLATEGATE_SEQUENCES ?? full);

  it(`makes no unsafe move in ${sequences} generated sequences`, function () {
    this.timeout(1_800_000);
    const made = new Map<string, number>();
    fc.assert(
      fc.property(watchMoves.arbitrary, (run) => {
        assert.deepEqual(watchMoves.play(run, made), []);
      }),
      { numRuns: sequences },
    );
    // Sequences in which nothing moves would prove nothing.
    for (const call of ["open", "close", "hold", "release", "safe"]) {
      assert.ok((made.get(call) ?? 0) > sequences / 100, `${call}: ${made.get(call) ?? 0}`);
    }
  });
});
