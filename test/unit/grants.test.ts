import assert from "node:assert/strict";
import { BarrierController } from "../../adapters/barriers/controller";
import { BarrierRegistry } from "../../adapters/barriers/registry";
import { SimulatedDriver } from "../../adapters/barriers/simulated-driver";
import { checkGrant, GRANT_TTL_MS, issueGrant } from "../../adapters/grants/grants";
import { DEFAULT_CONFIG } from "../../core/barrier/machine-types";
import type { BarrierCommandName, BarrierOutcome, Decision } from "../../core/messages";
import { decisionFor, until } from "../fixtures/barrier-kit";

/** A boom whose loop is only seen when it is asked for. */
class SilentDriver extends SimulatedDriver {
  override listen(): void {
    // tells nothing by itself
  }
}

describe("what a grant is good for", () => {
  const running: BarrierController[] = [];
  afterEach(() => Promise.all(running.splice(0).map((one) => one.stop())));

  /** A barrier as a deployment starts it: it knows nothing of the one before. */
  function deploy(id: string, laneId: string | null = null, silent = false): BarrierController {
    const options = { openingMs: 5, openMs: 5, closingMs: 5, inputs: silent ? ["loop"] : [] };
    const Driver = silent ? SilentDriver : SimulatedDriver;
    const gate = new BarrierController({
      ...{ id, name: id, laneId },
      driver: new Driver(options as ConstructorParameters<typeof SimulatedDriver>[0]),
      machine: DEFAULT_CONFIG,
      pollMs: 0,
      registry: new BarrierRegistry(),
    });
    running.push(gate);
    gate.start();
    return gate;
  }
  const said = ({ result, reason }: BarrierOutcome): string => `${result} ${reason ?? "-"}`;
  const open = async (gate: BarrierController, decision: Decision): Promise<string> =>
    said(await gate.openFor(decision));
  const granted = (action: BarrierCommandName, subject: string): string =>
    issueGrant({ action, subject, actor: "ann" });

  it("opens once, also over a redeploy in between", async () => {
    const decision = decisionFor("p1");
    const first = deploy("replayed");
    assert.equal(await open(first, decision), "done -");
    await first.stop();
    const second = deploy("replayed");
    assert.equal(await open(second, structuredClone(decision)), "ignored already_opened");
    assert.equal(await open(deploy("beside"), decision), "done -", "two booms of one lane");
    assert.equal(await open(second, decisionFor("p2")), "done -");
  });

  it("is for what was decided, not for what a message makes of it", async () => {
    const gate = deploy("north", "north");
    const elsewhere = { ...decisionFor("p3"), laneId: "south" };
    assert.equal(await open(gate, elsewhere), "ignored other_lane");
    const changed = "refused changed after it was decided";
    for (const change of [{ laneId: "north" }, { plate: "XX1" }, { id: "other" }]) {
      assert.equal(await open(gate, { ...decisionFor("p3"), ...change }), changed);
    }
    const lock = granted("lock", "north");
    await gate.command({ action: "lock", actor: "ann", reason: "night", grant: lock });
    const urgent = { ...decisionFor("p3"), reason: "emergency_open" as const };
    assert.equal(await open(gate, urgent), changed, "no way round the lock");
    assert.equal(await open(gate, decisionFor("p3")), "refused locked");
  });

  it("of a command opens no other barrier as a decision, and the one but once", async () => {
    const gate = deploy("west");
    const grant = granted("open", "west");
    const disguised: Decision = { ...decisionFor("west"), grant };
    assert.equal(await open(deploy("east"), disguised), "refused changed after it was decided");
    const command = { action: "open", actor: "ann", reason: "parcel", grant } as const;
    assert.equal(said(await gate.command(command)), "done -");
    assert.equal(said(await gate.command(command)), "refused used grant");
    const fresh = { ...command, grant: granted("open", "west") };
    assert.equal(said(await gate.command(fresh)), "done -");
  });

  it("ends after its time, whatever the wall clock is set to", () => {
    const wanted = { action: "open", subject: "p" };
    const grant = issueGrant({ ...wanted, actor: "gate" }, 1_000);
    assert.equal(checkGrant(grant, wanted, 1_000 + GRANT_TTL_MS), null);
    assert.equal(checkGrant(grant, wanted, 1_001 + GRANT_TTL_MS), "expired grant");
    const late = issueGrant({ ...wanted, actor: "gate" });
    const wall = Date.now;
    try {
      Date.now = () => wall() + 2 * GRANT_TTL_MS;
      assert.equal(checkGrant(late, wanted), null);
    } finally {
      Date.now = wall;
    }
  });

  it("inputs read before a close was asked for count as old, whatever the wall clock is set to", async () => {
    const gate = deploy("loop", null, true);
    await until(() => gate.status().inputs.loop === false);
    const driver = (gate as unknown as { options: { driver: SilentDriver } }).options.driver;
    driver.set("loop", true);
    const wall = Date.now;
    try {
      Date.now = () => wall() - 3_600_000;
      const closing = gate.command({ action: "close", actor: "ann", reason: "test" }, true);
      void gate.command({ action: "unlock", actor: "ann", reason: "looks again" }, true);
      assert.equal(said(await closing), "refused safety_active");
    } finally {
      Date.now = wall;
    }
  });
});
