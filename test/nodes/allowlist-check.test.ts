import assert from "node:assert/strict";
import type { Node } from "node-red";
import helper = require("node-red-node-test-helper");
import { checkGrant } from "../../adapters/grants/grants";
import type { Decision, Passage } from "../../core/messages";
import { passage } from "../fixtures/access-sample";

const allowlistCheck = require("../../nodes/allowlist-check/allowlist-check") as never;

/** A passage as it would come now. */
function arriving(text: string, more: Partial<Passage> = {}): Passage {
  const now = Date.now();
  return passage(text, { firstSeen: now - 500, lastSeen: now, ...more });
}

describe("allowlist-check", () => {
  before(() => new Promise<void>((resolve) => helper.startServer(resolve)));
  after(() => new Promise<void>((resolve) => helper.stopServer(resolve)));
  afterEach(() => helper.unload());

  async function load(config: Record<string, unknown>): Promise<{ node: Node; said: string[] }> {
    const outputs = ["open", "deny", "review"];
    await helper.load(allowlistCheck, [
      { id: "check", type: "allowlist-check", wires: outputs.map((id) => [id]), ...config },
      ...outputs.map((id) => ({ id, type: "helper" })),
    ]);
    const said: string[] = [];
    for (const id of outputs) {
      helper.getNode(id).on("input", (message) => {
        const { decision, payload } = message as unknown as {
          decision: Decision;
          payload: Decision;
        };
        assert.deepEqual(payload, decision);
        assert.equal(decision.result, id);
        const proof = { action: "open", subject: decision.passageId };
        const granted = checkGrant(decision.grant, proof) === null;
        said.push(`${id} ${decision.reason}${granted ? " granted" : ""}`);
      });
    }
    return { node: helper.getNode("check"), said };
  }

  async function until(condition: () => boolean, what: string): Promise<void> {
    for (let i = 0; i < 500; i++) {
      if (condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.fail(what);
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
});
