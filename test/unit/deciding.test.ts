import assert from "node:assert/strict";
import { Deciding } from "../../adapters/access/deciding";
import { aDecision } from "../fixtures/events";

describe("passages that are being decided about", () => {
  it("are told their decision when the last gate that looks at them is done", async () => {
    const deciding = new Deciding();
    assert.equal(deciding.of("p1"), null);
    const first = deciding.begin("p1");
    const second = deciding.begin("p1");
    const pending = deciding.of("p1");
    first(aDecision("p1"));
    first(null);
    assert.equal(deciding.of("p1"), pending, "the second still looks");
    second(null);
    assert.equal((await pending)?.passageId, "p1");
    assert.equal(deciding.of("p1"), null);
  });

  it("have none where no gate said anything", async () => {
    const deciding = new Deciding();
    const end = deciding.begin("p1");
    const pending = deciding.of("p1");
    end(null);
    assert.equal(await pending, null);
  });
});
