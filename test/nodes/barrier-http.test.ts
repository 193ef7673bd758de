import assert from "node:assert/strict";
import helper = require("node-red-node-test-helper");
import type { Node } from "node-red";
import { DemoRelay } from "../../adapters/barriers/demo-relay";
import { barriers } from "../../adapters/barriers/registry";
import { issueGrant } from "../../adapters/grants/grants";
import type { BarrierOutcome } from "../../core/messages";
import { decisionFor, outcomesOf, unsigned, until } from "../fixtures/barrier-kit";
import { temporaryHome } from "../fixtures/temporary-home";

const barrierNode = require("../../nodes/barrier-http/barrier-http") as never;

describe("barrier-http", () => {
  temporaryHome();
  const relay = new DemoRelay();

  before(async () => {
    await relay.start();
    await new Promise<void>((resolve) => helper.startServer(resolve));
  });
  after(async () => {
    await new Promise<void>((resolve) => helper.stopServer(resolve));
    await relay.stop();
  });
  beforeEach(() => {
    relay.log.length = 0;
  });
  afterEach(() => helper.unload());

  async function load(extra: Record<string, unknown> = {}): Promise<Node> {
    const node = {
      id: "b1",
      type: "barrier-http",
      name: "gate",
      barrierId: "gate",
      preset: "shelly-gen2",
      url: relay.url,
      pulseMs: 300,
      retries: 1,
      wires: [["out"], ["states"]],
      ...extra,
    };
    await helper.load(barrierNode, [
      node,
      { id: "out", type: "helper" },
      { id: "states", type: "helper" },
    ]);
    return helper.getNode("b1");
  }

  it("opens for a decision with a grant, once per passage, and says when it was confirmed", async () => {
    const node = await load();
    await until(() => barriers.get("gate")?.state() === "closed");
    const outcomes = outcomesOf(helper.getNode("out"));
    node.receive({ decision: decisionFor("p1") });
    await until(() => outcomes.length === 1);
    const [first] = outcomes;
    assert.equal(first?.result, "done", first?.reason ?? "");
    assert.ok(first?.confirmedAt && first.confirmedAt >= first.requestedAt);
    assert.equal(relay.log.filter((entry) => entry.on).length, 1);
    assert.equal(relay.log.find((entry) => entry.on)?.toggleAfterMs, 300);
    node.receive({ decision: decisionFor("p1") });
    await until(() => outcomes.length === 2);
    assert.equal(outcomes[1]?.result, "ignored");
    await until(() => !relay.output);
    assert.equal(relay.log.at(-1)?.by, "timer", "the device ended the pulse");
  });

  it("refuses a decision that anybody could have typed", async () => {
    const node = await load();
    const outcomes = outcomesOf(helper.getNode("out"));
    const forged = unsigned(decisionFor("p2"));
    node.receive({ decision: forged });
    node.receive({ decision: { ...forged, grant: "a.b" } });
    node.receive({ decision: { ...forged, grant: decisionFor("p3").grant } });
    await until(() => outcomes.length === 3);
    assert.deepEqual(
      outcomes.map(({ result, reason }) => [result, reason]),
      [
        ["refused", "no grant"],
        ["refused", "forged grant"],
        ["refused", "grant for something else"],
      ],
    );
    assert.equal(relay.output, false);
  });

  it("opens without a grant where the flow is trusted", async () => {
    const node = await load({ trustMessages: true });
    const outcomes = outcomesOf(helper.getNode("out"));
    node.receive({ decision: unsigned(decisionFor("p4")) });
    await until(() => outcomes.length === 1);
    assert.equal(outcomes[0]?.result, "done");
  });

  it("takes commands over the registry with a grant of their own", async () => {
    await load();
    const gate = barriers.get("gate");
    assert.ok(gate);
    const ask = (
      action: "open" | "hold" | "release" | "lock" | "unlock",
    ): Promise<BarrierOutcome> => {
      const grant = issueGrant({ action, subject: "gate", actor: "ann" });
      return gate.command({ action, actor: "ann", reason: "test", grant });
    };
    assert.equal((await ask("hold")).result, "done");
    assert.equal(gate.state(), "held");
    assert.equal(relay.output, true);
    assert.equal((await ask("release")).result, "done");
    await until(() => !relay.output);
    await ask("lock");
    assert.equal((await ask("open")).reason, "locked");
    const refused = await gate.command({ action: "open", actor: "bob", reason: "no grant" });
    assert.equal(refused.result, "refused");
    await ask("unlock"); // or the next test's gate is locked too
  });

  it("stays up and says so when the relay is not there", async () => {
    const node = await load({ url: "http://127.0.0.1:1", timeoutMs: 500, retries: 0 });
    const outcomes = outcomesOf(helper.getNode("out"));
    node.receive({ decision: decisionFor("p5") });
    await until(() => outcomes.length === 1);
    assert.equal(outcomes[0]?.result, "failed");
    assert.match(outcomes[0]?.reason ?? "", /cannot be reached/);
    assert.equal(barriers.get("gate")?.state(), "fault");
  });

  it("drops a held output when it is redeployed and leaves the registry", async () => {
    await load();
    const grant = issueGrant({ action: "hold", subject: "gate", actor: "ann" });
    await barriers.get("gate")?.command({ action: "hold", actor: "ann", reason: "", grant });
    assert.equal(relay.output, true);
    await helper.unload();
    assert.equal(relay.output, false);
    assert.equal(barriers.get("gate"), undefined);
  });
});
