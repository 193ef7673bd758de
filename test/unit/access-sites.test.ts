import assert from "node:assert/strict";
import { EmergencyHold } from "../../adapters/access/emergency-hold";
import { GateRegistry, type RunningGate } from "../../adapters/access/gates";
import { BarrierController } from "../../adapters/barriers/controller";
import { BarrierRegistry } from "../../adapters/barriers/registry";
import { SimulatedDriver } from "../../adapters/barriers/simulated-driver";
import { DEFAULT_CONFIG } from "../../core/barrier/machine-types";
import { Lane, SITE } from "../fixtures/access-lane";
import { passage, vehicle } from "../fixtures/access-sample";
import { until } from "../fixtures/barrier-kit";

let lane: Lane;
afterEach(() => lane?.stop());

describe("the state of the whole site at its barriers", () => {
  const PLACE = { siteId: SITE.id, laneId: "lane-1" };
  let registry: BarrierRegistry;
  let hold: EmergencyHold | null = null;
  const made: BarrierController[] = [];

  function barrier(id: string, laneId: string | null): BarrierController {
    const one = new BarrierController({
      id,
      name: id,
      laneId,
      driver: new SimulatedDriver({ openingMs: 1, openMs: 1, closingMs: 1, inputs: [] }),
      machine: DEFAULT_CONFIG,
      pollMs: 0,
      registry,
    });
    made.push(one);
    one.start();
    return one;
  }

  beforeEach(() => {
    registry = new BarrierRegistry();
  });
  afterEach(async () => {
    hold?.close();
    await Promise.all(made.splice(0).map((one) => one.stop()));
  });

  it("holds the lane's barriers open until it ends, without any read", async () => {
    lane = new Lane({});
    await lane.start();
    const mine = barrier("mine", "lane-1");
    const other = barrier("other", "lane-2");
    hold = new EmergencyHold(PLACE, registry, () => lane.gate.siteMode());
    await hold.look();
    assert.equal(mine.status().emergency, false);
    await lane.gate.setMode("emergency_open", { actor: "t", reason: "fire" });
    await hold.look();
    const late = barrier("late", "lane-1");
    assert.deepEqual(
      [mine, late, other].map((one) => one.status().emergency),
      [true, true, false],
    );
    lane.repository.down = true;
    await hold.look();
    assert.equal(mine.status().emergency, true, "an unknown state changes nothing");
    lane.repository.down = false;
    await lane.gate.setMode("normal", { actor: "t", reason: "over" });
    await hold.look();
    assert.equal(mine.status().emergency, false);
  });

  it("lets go of a barrier that is held when the site is locked down, once", async () => {
    lane = new Lane({});
    await lane.start();
    const mine = barrier("mine", "lane-1");
    const other = barrier("other", "lane-2");
    const held = (): boolean[] => [mine, other].map((one) => one.status().held);
    const command = { action: "hold", actor: "ann", reason: "delivery" } as const;
    await Promise.all([mine.command(command, true), other.command(command, true)]);
    hold = new EmergencyHold(PLACE, registry, () => lane.gate.siteMode());
    await hold.look();
    assert.deepEqual(held(), [true, true]);
    await lane.gate.setMode("lock_down", { actor: "t", reason: "alarm" });
    await until(() => !mine.status().held);
    assert.deepEqual(held(), [false, true]);
    await until(() => mine.state() === "closed");
    assert.equal((await mine.command(command, true)).result, "done", "a person's word counts");
    await hold.look();
    hold.close();
    hold = new EmergencyHold(PLACE, registry, () => lane.gate.siteMode());
    await hold.look();
    assert.deepEqual(held(), [true, true]);
  });

  it("voids at a lock-down what was decided before it, by whichever process it was set", async () => {
    lane = new Lane({ vehicles: [vehicle("AA11")] });
    await lane.start();
    const mine = barrier("mine", "lane-1");
    hold = new EmergencyHold(PLACE, registry, () => lane.gate.siteMode());
    await hold.look();
    const modes = ["lock_down", "normal"] as const;
    const before = await lane.decide(passage("AA11", { id: "before" }));
    for (const mode of modes) await lane.gate.setMode(mode, { actor: "t", reason: "drill" });
    const between = await lane.decide(passage("AA11", { id: "between" }));
    await lane.repository.setMode(SITE.id, "lock_down");
    await hold.look();
    await lane.repository.setMode(SITE.id, "normal");
    for (const old of [before, between]) {
      assert.equal(old?.result, "open");
      const { result, reason } = await mine.openFor(old);
      assert.equal(`${result} ${reason}`, "refused decided before the site was locked down");
    }
    const after = await lane.decide(passage("AA11", { id: "after" }));
    assert.ok(after);
    assert.equal((await mine.openFor(after)).result, "done");
  });
});

describe("gates with and without a lane of their own", () => {
  it("share the barriers of a machine without taking them from one another", () => {
    const registry = new GateRegistry();
    const running = (laneId: string | null): RunningGate => ({
      laneId,
      site: SITE,
      gate: lane.gate,
    });
    const named = running("lane-1");
    const open = running(null);
    const leave = registry.add(named);
    registry.add(open);
    assert.equal(registry.find("lane-1"), named);
    assert.equal(registry.find("lane-2"), open);
    leave();
    assert.equal(registry.find("lane-1"), open);
    registry.add(running(null));
    assert.equal(registry.find("lane-1"), undefined, "which of two is not known");
  });

  it("say which site a barrier belongs to, and none where two could be meant", () => {
    const registry = new GateRegistry();
    assert.equal(registry.siteOf(null), null, "nothing runs");
    registry.plan([
      { siteId: "north", laneId: "n1" },
      { siteId: "north", laneId: null },
    ]);
    assert.deepEqual(
      ["n1", "x", null].map((id) => registry.siteOf(id)),
      Array(3).fill("north"),
    );
    registry.plan([
      { siteId: "north", laneId: "n1" },
      { siteId: "north", laneId: null },
      { siteId: "south", laneId: "s1" },
    ]);
    assert.equal(registry.siteOf("s1"), "south");
    assert.equal(registry.siteOf("x"), "north", "its gate takes any lane of its cameras");
    assert.equal(registry.siteOf(null), null, "of two sites");
    const north = { siteId: "north", laneId: null };
    assert.equal(registry.ruledBy(north, "x"), true);
    assert.equal(registry.ruledBy(north, "n1"), false, "another gate of the site names it");
    assert.equal(registry.ruledBy(north, "s1"), false);
    assert.equal(registry.ruledBy({ siteId: "south", laneId: "s1" }, "x"), false);
    registry.plan([north, { siteId: "south", laneId: null }]);
    assert.equal(registry.siteOf("x"), null);
  });
});
