import assert from "node:assert/strict";
import { Throttling } from "../../core/notify/throttle";

describe("throttling of notices", () => {
  it("counts what it left out once, however often it is looked at, until one went", () => {
    const throttling = new Throttling({ max: 1, per_seconds: 60, same_plate_seconds: 0 });
    assert.ok(throttling.allows("A1", 0));
    throttling.went("A1", 0);
    assert.ok(!throttling.allows("B2", 1));
    // the message that goes with them failed, and all come again
    for (const id of ["n1", "n2", "n1", "n2"]) throttling.skipped(id);
    assert.equal(throttling.suppressed, 2);
    assert.ok(throttling.allows("B2", 60_001));
    throttling.went("B2", 60_001);
    assert.equal(throttling.suppressed, 0);
  });
});
