import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ExternalCheck } from "../../adapters/access/external-check";
import { ListKeeper } from "../../adapters/access/list-keeper";
import { Lane } from "../fixtures/access-lane";
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
  let now = 0;
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
    check = new ExternalCheck(`http://127.0.0.1:${port}/api/`, "secret", () => now);
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
      now += 3_000; // so long an answer counts
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
