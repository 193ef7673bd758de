import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BarrierController } from "../../adapters/barriers/controller";
import { KeptLocks } from "../../adapters/barriers/kept-locks";
import { BarrierRegistry } from "../../adapters/barriers/registry";
import { SimulatedDriver } from "../../adapters/barriers/simulated-driver";
import { DEFAULT_CONFIG } from "../../core/barrier/machine-types";
import type { BarrierAudit } from "../../core/barrier/ports";
import type { BarrierOutcome } from "../../core/messages";
import { decisionFor } from "../fixtures/barrier-kit";
import { temporaryHome } from "../fixtures/temporary-home";

describe("locks of barriers over a restart", () => {
  const home = temporaryHome();
  const running: BarrierController[] = [];
  afterEach(() => Promise.all(running.splice(0).map((one) => one.stop())));

  /** A barrier as a new process starts it, with what it told the audit. */
  function start(id: string, folder = home.path): { gate: BarrierController; said: string[] } {
    const said: string[] = [];
    const gate = new BarrierController({
      id,
      name: id,
      laneId: null,
      driver: new SimulatedDriver({ openingMs: 10, openMs: 10, closingMs: 10, inputs: [] }),
      machine: DEFAULT_CONFIG,
      pollMs: 0,
      registry: new BarrierRegistry(),
      locks: new KeptLocks(folder),
      audit: ({ actor, detail }: BarrierAudit) => said.push(`${actor}: ${detail}`),
    });
    running.push(gate);
    gate.start();
    return { gate, said };
  }
  const ask = (gate: BarrierController, action: "lock" | "unlock"): Promise<BarrierOutcome> =>
    gate.command({ action, actor: "ann", reason: "night" }, true);

  it("is locked before anything can ask it to open, until it is unlocked", async () => {
    const first = start("north");
    assert.equal((await ask(first.gate, "lock")).result, "done");
    await first.gate.stop();
    assert.equal(statSync(join(home.path, "barrier-locks.json")).mode & 0o777, 0o600);

    const second = start("north");
    const outcome = await second.gate.openFor(decisionFor("p1"));
    assert.deepEqual([outcome.result, outcome.reason], ["refused", "locked"]);
    assert.ok(second.said.includes("system: was locked before the restart"));
    assert.equal(start("south").gate.status().locked, false, "only what was locked");
    assert.equal((await ask(second.gate, "unlock")).result, "done");
    await second.gate.stop();

    const third = start("north");
    assert.equal((await third.gate.openFor(decisionFor("p2"))).result, "done");
  });

  it("locks every barrier where the file is broken, and says so", async () => {
    writeFileSync(join(home.path, "barrier-locks.json"), '{"north"');
    const { gate, said } = start("south");
    assert.equal((await gate.openFor(decisionFor("p3"))).reason, "locked");
    assert.ok(said.some((text) => text.includes("cannot be read")));
    await ask(gate, "unlock");
    assert.equal((await gate.openFor(decisionFor("p4"))).result, "done");
  });

  it("counts where it cannot be written down, and says so", async () => {
    const { gate, said } = start("north", "/dev/null/home");
    assert.equal(gate.status().locked, true, "the folder cannot be read either");
    assert.equal((await ask(gate, "unlock")).result, "done");
    assert.equal((await ask(gate, "lock")).result, "done");
    assert.equal((await gate.openFor(decisionFor("p5"))).reason, "locked");
    assert.ok(said.some((text) => text.startsWith("system: lock_not_kept")));
  });
});
