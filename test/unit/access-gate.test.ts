import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EmergencyHold } from "../../adapters/access/emergency-hold";
import { ExternalCheck } from "../../adapters/access/external-check";
import { GateRegistry, type RunningGate } from "../../adapters/access/gates";
import { ListKeeper } from "../../adapters/access/list-keeper";
import { BarrierController } from "../../adapters/barriers/controller";
import { BarrierRegistry } from "../../adapters/barriers/registry";
import { SimulatedDriver } from "../../adapters/barriers/simulated-driver";
import { DEFAULT_CONFIG } from "../../core/barrier/machine-types";
import { Lane, SITE } from "../fixtures/access-lane";
import { until } from "../fixtures/barrier-kit";
import { replay } from "../../core/access/replay";
import type { ExternalAnswer } from "../../core/access/types";
import { DEFAULT_ACCESS_SETTINGS, DEFAULT_LANE_RULES } from "../../core/access/types";
import type { BarrierOutcome } from "../../core/messages";
import { TestRepository } from "../fixtures/access-repository";
import { lists, NOON, pass, passage, vehicle } from "../fixtures/access-sample";

function report(passageId: string, result: BarrierOutcome["result"]): BarrierOutcome {
  return {
    barrierId: "entry",
    command: "open",
    result,
    reason: null,
    state: "closed",
    actor: "decision:1",
    passageId,
    requestedAt: NOON,
    confirmedAt: result === "done" ? NOON : null,
  };
}

let lane: Lane;
afterEach(() => lane?.stop());

describe("a gate whose barrier reports", () => {
  const hard = { ...DEFAULT_ACCESS_SETTINGS, antiPassback: "hard" as const, occupancyLimit: 1 };
  const more = { vehicles: [vehicle("AA11"), vehicle("BB22")], settings: hard };
  const first = passage("AA11", { id: "first", state: "preliminary" });

  it("counts a vehicle from the decision on, so that the last space is given away once", async () => {
    lane = new Lane(more);
    await lane.start();
    assert.equal((await lane.decide(first))?.result, "open");
    assert.equal((await lane.decide(passage("BB22")))?.reason, "occupancy_full");
    await lane.gate.settle(report("first", "done"));
    assert.deepEqual(await lane.inside(), ["AA11"]);
  });

  for (const result of ["failed", "refused"] as const) {
    it(`takes it back where the open was ${result}, and opens at the next version`, async () => {
      lane = new Lane(more);
      await lane.start();
      assert.equal((await lane.decide(first))?.result, "open");
      assert.equal(await lane.decide({ ...first, revision: 2 }), null, "said once");
      await lane.gate.settle(report("first", result));
      assert.deepEqual(await lane.inside(), []);
      const again = await lane.decide({ ...first, revision: 3 });
      assert.equal(again?.result, "open", "not kept out by anti-passback");
      await lane.gate.settle(report("first", "done"));
      assert.equal(await lane.decide({ ...first, revision: 4 }), null);
      assert.deepEqual(await lane.inside(), ["AA11"]);
    });
  }

  it("keeps the count where one of two barriers opened, whichever reports first", async () => {
    for (const order of [["done", "failed"] as const, ["failed", "done"] as const]) {
      lane = new Lane(more);
      await lane.start();
      await lane.decide(first);
      for (const result of order) await lane.gate.settle(report("first", result));
      assert.deepEqual(await lane.inside(), ["AA11"], order.join());
      await lane.stop();
    }
  });

  it("gives the use of a visitor's pass back", async () => {
    lane = new Lane({ passes: [pass("VV99", { usesAllowed: 1 })] });
    await lane.start();
    assert.equal((await lane.decide(passage("VV99", { id: "v" })))?.reason, "visitor_pass");
    assert.equal(await lane.uses(), 1);
    await lane.gate.settle(report("v", "failed"));
    assert.equal(await lane.uses(), 0);
  });

  it("does not heed what it did not decide", async () => {
    lane = new Lane(more);
    await lane.start();
    await lane.decide(first);
    await lane.gate.settle(report("another", "failed"));
    await lane.gate.settle({ ...report("first", "failed"), command: "close" });
    await lane.gate.settle(report("first", "ignored"));
    assert.deepEqual(await lane.inside(), ["AA11"]);
  });
});

describe("a gate that asks another system", () => {
  const more = { vehicles: [vehicle("AA11"), vehicle("B100")] };

  it("asks for the plate of the entry, before it opens and only then", async () => {
    const asked: string[] = [];
    let answer: ExternalAnswer = { allowed: true, detail: "has access" };
    const external = (plate: string): Promise<ExternalAnswer> => {
      asked.push(plate);
      return Promise.resolve(answer);
    };
    lane = new Lane(more, { external });
    await lane.start();
    assert.equal((await lane.decide(passage("XX99")))?.reason, "unknown_plate");
    assert.deepEqual(asked, []);
    assert.equal((await lane.decide(passage("B1O0")))?.reason, "allowed_confusable");
    answer = { allowed: false, detail: "has no access" };
    const denied = await lane.decide(passage("AA11"));
    assert.equal(denied?.reason, "external_denied");
    assert.equal(denied?.grant, undefined);
    assert.deepEqual(asked, ["B100", "AA11"]);
    assert.deepEqual(await lane.inside(), ["B100"], "who was denied is not counted");
    const stored = { ...denied, trace: structuredClone(denied.trace) };
    assert.deepEqual(replay(stored, null).again, { result: "deny", reason: "external_denied" });
  });

  it("stays shut where there is no answer, and opens in an emergency without asking", async () => {
    let calls = 0;
    const external = (): Promise<ExternalAnswer> => {
      calls += 1;
      return Promise.reject(new Error("timeout"));
    };
    lane = new Lane(more, { external });
    await lane.start();
    assert.equal((await lane.decide(passage("AA11")))?.reason, "external_denied");
    await lane.gate.setMode("emergency_open", { actor: "t", reason: "fire" });
    assert.equal((await lane.decide(passage("XX99")))?.reason, "emergency_open");
    assert.equal(calls, 1);
  });

  it("asks when a second factor arrives after all", async () => {
    const rules = { ...DEFAULT_LANE_RULES, secondFactor: ["loop" as const] };
    let calls = 0;
    const external = (): Promise<ExternalAnswer> =>
      Promise.resolve({ allowed: (calls += 1) > 0, detail: "has access" });
    lane = new Lane(more, { external, rules });
    await lane.start();
    const early = passage("AA11", { state: "preliminary" });
    assert.equal(await lane.decide(early), null);
    assert.equal(calls, 0);
    lane.gate.hear({ kind: "loop", value: null, laneId: "lane-1", at: NOON });
    assert.equal((await lane.decide(early))?.result, "open");
    assert.equal(calls, 1);
  });
});

describe("the access-control system of reference 1", () => {
  let server: Server;
  let asked: { path: string; key: string | undefined }[];
  let reply: { status: number; body: string };
  let check: ExternalCheck;

  before(async () => {
    server = createServer((request, response) => {
      asked.push({ path: request.url ?? "", key: request.headers.authorization });
      response.writeHead(reply.status, { "content-type": "application/json" }).end(reply.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    check = new ExternalCheck(`http://127.0.0.1:${port}/api/`, "secret");
  });
  after(async () => {
    await check.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it("is asked as written there, and only a plain yes is a yes", async () => {
    asked = [];
    const answers: [number, string, boolean][] = [
      [200, '{"has_access": true}', true],
      [200, '{"has_access": false}', false],
      [200, '{"has_access": "true"}', false],
      [200, "null", false],
      [200, "yes", false],
      [404, '{"has_access": true}', false],
    ];
    for (const [status, body, allowed] of answers) {
      reply = { status, body };
      assert.equal((await check.ask("AB/1")).allowed, allowed, body);
    }
    assert.deepEqual(asked[0], {
      path: "/api/credentials/AB%2F1/access",
      key: "Bearer secret",
    });
  });

  it("has to have an address", () => {
    for (const url of ["", "gate", "ftp://x", "http://"]) {
      assert.throws(() => new ExternalCheck(url, ""), RangeError, url);
    }
  });
});

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

describe("a store that is gone", () => {
  it("is told of once, and once more when the old lists end", async () => {
    const repository = new TestRepository(lists());
    const told: boolean[] = [];
    let now = NOON;
    const keeper = new ListKeeper({
      store: () => repository,
      inline: { vehicles: [], watch: [] },
      graceMs: 10_000,
      pollMs: 5,
      onChange: () => undefined,
      onError: (_error, news) => told.push(news),
      now: () => now,
    });
    await keeper.start();
    repository.down = true;
    await until(() => told.length >= 3);
    assert.deepEqual(told.slice(0, 3), [true, false, false]);
    now += 11_000;
    await until(() => told.lastIndexOf(true) > 0);
    repository.down = false;
    await until(() => keeper.healthy);
    const before = told.length;
    repository.down = true;
    await until(() => told.length > before);
    assert.equal(told[before], true, "another outage");
    await keeper.close();
  });
});
