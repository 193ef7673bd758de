import assert from "node:assert/strict";
import { replay } from "../../core/access/replay";
import { DEFAULT_ACCESS_SETTINGS } from "../../core/access/types";
import type { Passage } from "../../core/messages";
import { Lane } from "../fixtures/access-lane";
import { pass, passage, vehicle } from "../fixtures/access-sample";

describe("a lane that goes both ways", () => {
  let lane: Lane;
  afterEach(() => lane.stop());

  const hard = { ...DEFAULT_ACCESS_SETTINGS, antiPassback: "hard" as const };
  const vehicles = [vehicle("AA11")];
  const still = (id: string, revision = 1): Passage =>
    passage("AA11", { id, revision, state: "preliminary", direction: "unknown" });

  it("waits for the motion where something depends on the way", async () => {
    lane = new Lane({ vehicles, settings: hard }, { way: "towards_entry" });
    await lane.start();
    assert.equal(await lane.decide(still("in")), null);
    const moving = { ...still("in", 2), direction: "towards" as const };
    assert.equal((await lane.decide(moving))?.result, "open");
    assert.deepEqual(await lane.inside(), ["AA11"]);
    assert.equal(await lane.decide(still("again")), null);
    const again = { ...still("again", 2), direction: "towards" as const, state: "final" as const };
    assert.equal((await lane.decide(again))?.reason, "anti_passback");
    assert.equal(await lane.decide(still("out")), null);
    const out = { ...still("out", 2), direction: "away" as const };
    assert.equal((await lane.decide(out))?.result, "open");
    assert.deepEqual(await lane.inside(), []);
  });

  it("stays shut where the way is never known and would have to be", async () => {
    const limited = { ...DEFAULT_ACCESS_SETTINGS, occupancyLimit: 10 };
    const timed = { ...hard, antiPassback: "timed" as const };
    for (const settings of [hard, limited, timed]) {
      lane = new Lane({ vehicles, settings }, { way: "towards_exit" });
      await lane.start();
      const final = { ...still("end"), state: "final" as const };
      const denied = await lane.decide(final);
      assert.equal(denied?.reason, "wrong_direction");
      const stored = { ...denied, trace: structuredClone(denied.trace) };
      assert.deepEqual(replay(stored, null).again, { result: "deny", reason: "wrong_direction" });
      await lane.stop();
    }
  });

  it("opens at once where nothing depends on the way", async () => {
    lane = new Lane({ vehicles }, { way: "towards_entry" });
    await lane.start();
    assert.equal((await lane.decide(still("in")))?.result, "open");
  });

  it("waits with a pass of few uses and at the end takes it", async () => {
    lane = new Lane({ passes: [pass("AA11", { usesAllowed: 1 })] }, { way: "towards_entry" });
    await lane.start();
    assert.equal(await lane.decide(still("in")), null);
    const final = { ...still("in", 2), state: "final" as const };
    assert.equal((await lane.decide(final))?.reason, "visitor_pass");
  });
});
