import assert from "node:assert/strict";
import { rulesFor, withLaneRules } from "../../core/access/lane-rules";
import { DEFAULT_ACCESS_SETTINGS, DEFAULT_LANE_RULES } from "../../core/access/types";

describe("the rules of a lane", () => {
  const settings = {
    rules: { minConfidence: 0.8, minReads: 3, maxAgeSeconds: null },
    laneRules: [
      { laneId: "north", minConfidence: 0.95, secondFactor: ["pin" as const] },
      { laneId: "south", minReads: null },
    ],
  };

  it("are the lane's own settings first, then its gate's, then those of all lanes", () => {
    const given = { minConfidence: 0.6, maxAgeSeconds: 5 };
    const north = rulesFor("north", given, settings);
    assert.equal(north.minConfidence, 0.95);
    assert.deepEqual(north.secondFactor, ["pin"]);
    assert.equal(north.maxAgeSeconds, 5);
    assert.equal(north.minReads, 3);
    const south = rulesFor("south", given, settings);
    assert.equal(south.minConfidence, 0.6);
    assert.equal(south.minReads, 3);
    assert.equal(rulesFor("south", {}, settings).minConfidence, 0.8);
  });

  it("are set for one lane and leave those of the others as they are", () => {
    const all = { ...DEFAULT_ACCESS_SETTINGS, ...settings };
    const set = withLaneRules(all, "south", { minReads: 4, secondFactor: null });
    assert.deepEqual(set.laneRules, [settings.laneRules[0], { laneId: "south", minReads: 4 }]);
    const without = withLaneRules(set, "north", null);
    assert.deepEqual(without.laneRules, [{ laneId: "south", minReads: 4 }]);
    assert.deepEqual(withLaneRules(without, "south", { minReads: null }).laneRules, []);
  });

  it("are the usual ones where nobody says anything", () => {
    assert.deepEqual(rulesFor("north", {}, null), DEFAULT_LANE_RULES);
    assert.deepEqual(rulesFor(null, {}, { rules: {}, laneRules: [] }), DEFAULT_LANE_RULES);
  });
});
