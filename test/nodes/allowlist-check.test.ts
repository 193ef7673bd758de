import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Node } from "node-red";
import helper = require("node-red-node-test-helper");
import { aboutOf, checkGrant, issueGrant } from "../../adapters/grants/grants";
import { hashPin } from "../../core/access/second-factor";
import type { AccessSnapshot } from "../../core/access/types";
import { DEFAULT_ACCESS_SETTINGS } from "../../core/access/types";
import type { Decision } from "../../core/messages";
import { TestRepository } from "../fixtures/access-repository";
import { arriving, lists, pass, schedule, vehicle } from "../fixtures/access-sample";
import { storeNode, until } from "../fixtures/store-node";

const allowlistCheck = require("../../nodes/allowlist-check/allowlist-check") as never;

/** The lists of the test's store. */
let repository: TestRepository;
const store = storeNode(() => repository);

describe("allowlist-check", () => {
  before(() => new Promise<void>((resolve) => helper.startServer(resolve)));
  after(() => new Promise<void>((resolve) => helper.stopServer(resolve)));
  afterEach(() => helper.unload());

  async function load(config: object): Promise<{ node: Node; said: string[]; errors: string[] }> {
    const outputs = ["open", "deny", "review"];
    await helper.load([store, allowlistCheck], [
      { id: "store", type: "plategate-store" },
      { id: "check", type: "allowlist-check", wires: outputs.map((id) => [id]), ...config },
      ...outputs.map((id) => ({ id, type: "helper" })),
    ] as never);
    const said: string[] = [];
    for (const id of outputs) {
      helper.getNode(id).on("input", (message) => {
        const { decision, payload } = message as unknown as {
          decision: Decision;
          payload: Decision;
        };
        assert.deepEqual(payload, decision);
        assert.equal(decision.result, id);
        const about = aboutOf(decision);
        const proof = { action: "open", subject: decision.passageId, about };
        const granted = checkGrant(decision.grant, proof) === null;
        said.push(`${id} ${decision.reason}${granted ? " granted" : ""}`);
      });
    }
    const node = helper.getNode("check");
    const errors: string[] = [];
    node.on(
      "call:error" as never,
      ((call: { firstArg: Error }) => {
        errors.push(String(call.firstArg.message ?? call.firstArg));
      }) as never,
    );
    return { node, said, errors };
  }

  /** With lists in a store; waits until they were read. */
  async function loadStored(more: Partial<AccessSnapshot>, config: object = {}) {
    repository = new TestRepository(lists(more));
    const loaded = await load({ store: "store", graceSeconds: 300, ...config });
    await until(() => repository.reads > 0 && repository.listening > 0, "lists read");
    return loaded;
  }

  it("opens with a grant for a typed plate, once, and denies others when final", async () => {
    const { node, said } = await load({ plates: "ab 123-cd # Alice\n\nXY 1" });
    node.receive({ passage: arriving("AB123CD", { state: "preliminary" }) });
    node.receive({ passage: arriving("AB123CD") });
    node.receive({ passage: arriving("QQ999", { id: "other", state: "preliminary" }) });
    node.receive({ passage: arriving("QQ999", { id: "other" }) });
    node.receive({ passage: arriving("QQ999", { id: "other", revision: 2 }) });
    node.receive({ passage: arriving("XY1", { id: "unsure", confidence: 0.5 }) });
    await until(() => said.length >= 3, "three decisions");
    assert.deepEqual(said, ["open allowed granted", "deny unknown_plate", "review low_confidence"]);
  });

  it("is as sure as ALPR_MIN_CONFIDENCE asks where nothing is typed", async () => {
    const decide = async (perCent: string, minConfidence: string | number) => {
      process.env.ALPR_MIN_CONFIDENCE = perCent;
      const { node, said, errors } = await load({ plates: "XY 1", minConfidence });
      node.receive({ passage: arriving("XY1", { confidence: 0.85 }) });
      await until(() => said.length + errors.length >= 1, "a decision");
      await helper.unload();
      return said[0] ?? errors[0];
    };
    try {
      assert.equal(await decide("90.0", ""), "review low_confidence");
      assert.equal(await decide("80.0", ""), "open allowed granted");
      assert.equal(await decide("90.0", 0.75), "open allowed granted");
      assert.match((await decide("750", "")) ?? "", /ALPR_MIN_CONFIDENCE is per cent/);
    } finally {
      delete process.env.ALPR_MIN_CONFIDENCE;
    }
  });

  it("asks the environment's access-control system where it names none, with its key", async () => {
    const asked: string[] = [];
    const server = createServer(({ url, headers }, response) => {
      asked.push(`${url} ${headers.authorization}`);
      response.end(JSON.stringify({ has_access: url === "/api/credentials/XY1/access" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.env.ACCESS_CONTROL_API_URL = `${base}/api`;
    process.env.ACCESS_CONTROL_API_KEY = "environment-key";
    const decide = async (text: string, externalUrl: string) => {
      const { node, said } = await load({ plates: "XY 1\nZZ 2", externalUrl });
      node.receive({ passage: arriving(text) });
      await until(() => said.length >= 1, "a decision");
      await helper.unload();
      return said[0];
    };
    try {
      assert.equal(await decide("XY1", ""), "open allowed granted");
      assert.equal(await decide("ZZ2", ""), "deny external_denied");
      assert.equal(await decide("XY1", `${base}/own`), "deny external_denied");
    } finally {
      delete process.env.ACCESS_CONTROL_API_URL;
      delete process.env.ACCESS_CONTROL_API_KEY;
      server.close();
    }
    assert.deepEqual(asked, [
      "/api/credentials/XY1/access Bearer environment-key",
      "/api/credentials/ZZ2/access Bearer environment-key",
      "/own/credentials/XY1/access undefined",
    ]);
  });

  it("lets a correction turn a refusal into an open, never the other way", async () => {
    const { node, said } = await load({ plates: "AB123" });
    node.receive({ passage: arriving("AX123", { id: "p" }) });
    node.receive({ passage: arriving("AB123", { id: "p", revision: 2 }) });
    node.receive({ passage: arriving("AX123", { id: "p", revision: 3 }) });
    node.receive({ passage: arriving("ZZ1", { id: "q" }) });
    await until(() => said.length >= 3, "three decisions");
    assert.deepEqual(said, ["deny unknown_plate", "open allowed granted", "deny unknown_plate"]);
  });

  it("says which schedule in use never opens, on the node and in its form", async () => {
    const never = schedule("s1", { name: "Night shift", windows: [] });
    const { node } = await loadStored({
      vehicles: [vehicle("AA11", { scheduleId: "s1" })],
      schedules: [never, schedule("s2", { name: "unused", windows: [] })],
    });
    const calls = (name: "warn" | "status"): unknown[] =>
      (node as unknown as Record<string, { args: unknown[][] }>)[name]!.args.flat();
    await until(() => calls("warn").length === 1, "a warning");
    assert.match(JSON.stringify(calls("status").at(-1)), /allowlist-check.status.schedule/);
    const response = await helper.request().get("/plategate/schedules/store").expect(200);
    assert.deepEqual(
      (response.body as { name: string }[]).map(({ name }) => name),
      ["Night shift"],
    );
    await helper.request().get("/plategate/schedules/nothing").expect(200, []);
  });

  it("takes up changed lists, and closes when it is redeployed", async () => {
    const { node, said } = await loadStored({ vehicles: [vehicle("AA11")] });
    node.receive({ passage: arriving("BB22", { id: "1" }) });
    await until(() => said.length === 1, "first decision");
    repository.change({ vehicles: [vehicle("AA11"), vehicle("BB22")] });
    await until(() => repository.reads === 2, "lists read again");
    node.receive({ passage: arriving("BB22", { id: "2" }) });
    await until(() => said.length === 2, "second decision");
    assert.deepEqual(said, ["deny unknown_plate", "open allowed granted"]);
    await helper.unload();
    assert.equal(repository.listening, 0);
  });

  it("decides by the last lists while the store is gone, then stays closed", async () => {
    const { node, said } = await loadStored({ vehicles: [vehicle("AA11")] }, { graceSeconds: 3 });
    node.receive({ passage: arriving("AA11", { id: "0" }) });
    await until(() => said.length === 1, "a decision with the store");
    repository.down = true;
    node.receive({ passage: arriving("AA11", { id: "1" }) });
    await until(() => said.length === 2, "a decision without the store");
    assert.equal(said[1], "open allowed granted");
    let i = 0;
    await until(() => {
      if (i++ % 20 === 0) node.receive({ passage: arriving("AA11", { id: `late-${i}` }) });
      return said.at(-1) === "deny list_unavailable";
    }, "the grace to end");
    repository.down = false;
    await until(() => {
      if (i++ % 20 === 0) node.receive({ passage: arriving("AA11", { id: `back-${i}` }) });
      return said.at(-1) === "open allowed granted";
    }, "the store to be back");
  });

  it("never opens before lists were read", async () => {
    repository = new TestRepository(lists({ vehicles: [vehicle("AA11")] }));
    repository.down = true;
    const { node, said } = await load({ store: "store", graceSeconds: 300 });
    node.receive({ passage: arriving("AA11") });
    await until(() => said.length === 1, "a decision");
    assert.deepEqual(said, ["deny list_unavailable"]);
  });

  it("does not let in on a pass whose use cannot be written down", async () => {
    const { node, said } = await loadStored(
      { passes: [pass("VV99", { usesAllowed: 1 })], vehicles: [vehicle("AA11")] },
      { way: "entry" },
    );
    repository.full = true;
    node.receive({ passage: arriving("VV99", { id: "1" }) });
    node.receive({ passage: arriving("AA11", { id: "2" }) });
    await until(() => said.length === 2, "two decisions");
    assert.deepEqual(said, ["deny list_unavailable", "open allowed granted"]);
    repository.full = false;
    node.receive({ passage: arriving("VV99", { id: "3" }) });
    node.receive({ passage: arriving("VV99", { id: "4" }) });
    await until(() => said.length === 4, "four decisions");
    assert.deepEqual(said.slice(2), ["open visitor_pass granted", "deny pass_used_up"]);
  });

  it("gives the last space to one of two cars that come at the same time", async () => {
    const settings = { ...DEFAULT_ACCESS_SETTINGS, occupancyLimit: 1 };
    const vehicles = [vehicle("AA11"), vehicle("BB22")];
    const { node, said } = await loadStored({ vehicles, settings }, { way: "entry" });
    node.receive({ passage: arriving("AA11", { id: "1" }) });
    node.receive({ passage: arriving("BB22", { id: "2" }) });
    await until(() => said.length === 2, "two decisions");
    assert.deepEqual(said, ["open allowed granted", "deny occupancy_full"]);
  });

  it("waits for the second factor, before or after the passage", async () => {
    const owner = vehicle("AA11", { credentials: ["77"], pin: hashPin("2580") });
    const { node, said } = await loadStored(
      { vehicles: [owner] },
      { factorTag: true, factorPin: true, factorSeconds: 30 },
    );
    node.receive({ passage: arriving("AA11", { id: "1" }) });
    node.receive({ factor: { kind: "pin", value: "1111" } });
    node.receive({ factor: { kind: "tag", value: 77 } });
    await until(() => said.length === 1, "an open by tag");
    node.receive({ factor: { kind: "pin", value: "2580" } });
    node.receive({ passage: arriving("AA11", { id: "2", state: "preliminary" }) });
    await until(() => said.length === 2, "an open by PIN");
    assert.deepEqual(said, ["open allowed granted", "open allowed granted"]);
    node.receive({
      passage: arriving("AA11", { id: "3", lastSeen: Date.now() - 30_000 }),
    });
    await until(() => said.length === 3, "a refusal");
    assert.match(said[2] ?? "", /^deny second_factor_/);
  });

  it("says that the second factor is missing once its time is over", async () => {
    const { node, said } = await loadStored(
      { vehicles: [vehicle("AA11")] },
      { factorLoop: true, factorSeconds: 1 },
    );
    node.receive({ passage: arriving("AA11") });
    await until(() => said.length === 1, "a refusal");
    assert.deepEqual(said, ["deny second_factor_missing"]);
  });

  it("looks at five PINs a minute and no more", async () => {
    const owner = vehicle("AA11", { pin: hashPin("2580") });
    const { node, said } = await loadStored({ vehicles: [owner] }, { factorPin: true });
    node.receive({ passage: arriving("AA11") });
    let warned = 0;
    node.on("call:warn" as never, () => (warned += 1));
    for (const value of ["0000", "0001", "0002", "0003", "0004", "2580"]) {
      node.receive({ factor: { kind: "pin", value } });
    }
    node.receive({ passage: arriving("ZZ9", { id: "after" }) });
    await until(() => said.length === 1, "the passage after");
    assert.deepEqual(said, ["deny unknown_plate"]);
    assert.equal(warned, 1);
  });

  it("changes the state of the site with a grant alone", async () => {
    const { node, said, errors } = await load({ plates: "AA11" });
    const claims = { action: "access:lock_down", subject: "default", actor: "boss" };
    node.receive({ access: { mode: "emergency_open" } });
    node.receive({ access: { mode: "emergency_open", grant: issueGrant(claims) } });
    node.receive({ passage: arriving("ZZ9", { id: "1" }) });
    await until(() => said.length === 1, "a decision");
    assert.equal(said[0], "deny unknown_plate");
    assert.equal(errors.length, 2);
    node.receive({ access: { mode: "lock_down", grant: issueGrant(claims) } });
    node.receive({ passage: arriving("AA11", { id: "2" }) });
    await until(() => said.length === 2, "a decision in the lock-down");
    assert.equal(said[1], "deny lock_down");
  });

  it("opens for all in an emergency, where its messages are trusted", async () => {
    const { node, said } = await load({ plates: "AA11", trustMessages: true });
    node.receive({ access: { mode: "emergency_open", reason: "fire alarm" } });
    node.receive({ passage: arriving("", { id: "1", state: "preliminary" }) });
    await until(() => said.length === 1, "a decision");
    node.receive({ access: { mode: "normal" } });
    node.receive({ passage: arriving("ZZ9", { id: "2" }) });
    await until(() => said.length === 2, "a decision in normal state");
    assert.deepEqual(said, ["open emergency_open granted", "deny unknown_plate"]);
  });

  it("refuses what it does not understand, and goes on", async () => {
    const { node, said, errors } = await load({ plates: "AA11" });
    node.receive({ payload: "hello" });
    node.receive({ factor: { kind: "eye" } });
    node.receive({ access: { mode: "party" } });
    node.receive({ passage: arriving("AA11") });
    await until(() => said.length === 1 && errors.length === 3, "an open and three errors");
    assert.deepEqual(said, ["open allowed granted"]);
  });

  it("says which typed plates it cannot use, or tell apart", async () => {
    await load({ plates: "AB10\nA810\n--\nAB10" });
    const log = helper.log() as unknown as { args: [{ type?: string; msg?: unknown }][] };
    const said = log.args.flatMap(([one]) => (one.type === "allowlist-check" ? [one.msg] : []));
    assert.deepEqual(
      ["no_plate", "duplicate", "collision"].filter((key) => !String(said).includes(key)),
      [],
      String(said),
    );
  });

  it("opens nothing where it is badly configured", async () => {
    const { node, said, errors } = await load({ plates: "AA11", minConfidence: 75 });
    node.receive({ passage: arriving("AA11") });
    await until(() => errors.length >= 1, "an error");
    assert.deepEqual(said, []);
  });
});
