import assert from "node:assert/strict";
import { decide } from "../../core/access/decide";
import type { AccessContext, AccessSnapshot, AccessState, Vehicle } from "../../core/access/types";
import { DEFAULT_ACCESS_SETTINGS, DEFAULT_LANE_RULES, EMPTY_STATE } from "../../core/access/types";
import type { Passage } from "../../core/messages";
import {
  context,
  group,
  lists,
  NOON,
  pass,
  passage,
  schedule,
  vehicle,
  watchEntry,
} from "../fixtures/access-sample";

const alice = lists({ vehicles: [vehicle("AB1230")] });

function outcome(
  thePassage: Passage,
  theLists: AccessSnapshot,
  more: { state?: Partial<AccessState>; context?: Partial<AccessContext> } = {},
): string {
  const state = { ...EMPTY_STATE, ...more.state };
  const { decision } = decide(thePassage, theLists, state, context(more.context));
  return `${decision.result} ${decision.reason}`;
}

describe("decide: the read", () => {
  it("opens for the exact plate and says for whom", () => {
    const { decision } = decide(passage("ab-12 30"), alice, EMPTY_STATE, context());
    assert.equal(decision.result, "open");
    assert.equal(decision.reason, "allowed");
    assert.equal(decision.plate, "AB1230");
    assert.deepEqual(decision.vehicle, {
      id: "v-AB1230",
      plate: "AB1230",
      owner: "Alice",
      groups: [],
    });
    assert.equal(decision.trace.listVersion, "1");
    assert.equal(decision.trace.clock, NOON);
    assert.equal(decision.trace.votes.length, 3);
  });

  it("opens for a confusable read where no second vehicle could be meant", () => {
    assert.equal(outcome(passage("A8123O"), alice), "open allowed_confusable");
  });

  it("never opens for another difference, however small", () => {
    for (const text of ["AB1231", "AB123", "AB12300", "BA1230", "XB1230", "AB1Z40"]) {
      assert.equal(outcome(passage(text), alice), "deny unknown_plate", text);
    }
  });

  it("asks a person where two vehicles could be meant", () => {
    const two = lists({ vehicles: [vehicle("AB1230"), vehicle("A81230")] });
    assert.equal(outcome(passage("AB1230"), two), "open allowed");
    assert.equal(outcome(passage("AB123O"), two), "review ambiguous");
  });

  it("can be told to accept fewer confusables", () => {
    const strict = lists({
      ...alice,
      settings: { ...DEFAULT_ACCESS_SETTINGS, maxConfusables: 1 },
    });
    assert.equal(outcome(passage("AB123O"), strict), "open allowed_confusable");
    assert.equal(outcome(passage("A8123O"), strict), "deny unknown_plate");
  });

  it("does not open on an unsure, stale or unreadable one", () => {
    assert.equal(outcome(passage("AB1230", { confidence: 0.6 }), alice), "review low_confidence");
    assert.equal(outcome(passage("AB1230", { confidence: NaN }), alice), "review low_confidence");
    assert.equal(outcome(passage(""), alice), "review unreadable");
    assert.equal(outcome(passage("-- "), alice), "review unreadable");
    for (const lastSeen of [NOON - 61_000, NOON + 61_000, NaN]) {
      assert.equal(outcome(passage("AB1230", { lastSeen }), alice), "review stale");
    }
  });

  it("lets nobody in by dates that are none", () => {
    for (const dates of [{ validFrom: NaN }, { validUntil: NaN }]) {
      const broken = lists({ vehicles: [vehicle("AB1230", dates)] });
      assert.match(outcome(passage("AB1230"), broken), /^deny (not_yet_valid|expired)$/);
    }
  });

  it("opens before the end once two reads agree, not with one", () => {
    const early = passage("AB1230", { state: "preliminary" });
    assert.equal(outcome({ ...early, votes: early.votes.slice(0, 2) }, alice), "open allowed");
    assert.equal(outcome({ ...early, votes: early.votes.slice(0, 1) }, alice), "review not_final");
  });

  it("opens on fewer reads than wanted only at the end, and only where they are very sure", () => {
    const read = passage("AB1230");
    const one = { ...read, votes: read.votes.slice(0, 1) };
    assert.equal(outcome({ ...one, confidence: 0.9 }, alice), "open allowed");
    assert.equal(outcome({ ...one, confidence: 0.89 }, alice), "review low_confidence");
    assert.equal(outcome({ ...one, confidence: NaN }, alice), "review low_confidence");
    const sure = { ...one, confidence: 0.99, state: "preliminary" as const };
    assert.equal(outcome(sure, alice), "review not_final");
    assert.equal(outcome({ ...read, confidence: 0.8 }, alice), "open allowed");
  });

  it("denies, and says so, where the reader was down", () => {
    const down = passage("", { reason: "reader_down" });
    assert.equal(outcome(down, alice), "deny reader_down");
    const emergency = { state: { mode: "emergency_open" as const } };
    assert.equal(outcome(down, alice, emergency), "open emergency_open");
  });
});

describe("decide: the order", () => {
  const denied = watchEntry("AB*", { list: "deny" });

  it("puts the emergency states before all else", () => {
    const all = lists({ ...alice, watch: [denied] });
    assert.equal(
      outcome(passage("AB1230"), all, { state: { mode: "emergency_open" } }),
      "open emergency_open",
    );
    assert.equal(
      outcome(passage("AB1230"), alice, { state: { mode: "lock_down" } }),
      "deny lock_down",
    );
  });

  it("then the deny list, looser than the allow list, while it holds", () => {
    const soon = { ...denied, pattern: "A8123?", expiresAt: NOON };
    assert.equal(outcome(passage("AB1230"), lists({ ...alice, watch: [soon] })), "deny deny_list");
    const past = { ...soon, expiresAt: NOON - 1 };
    assert.equal(outcome(passage("AB1230"), lists({ ...alice, watch: [past] })), "open allowed");
    const off = { ...soon, active: false };
    assert.equal(outcome(passage("AB1230"), lists({ ...alice, watch: [off] })), "open allowed");
  });

  it("denies by an exact entry also where its plate was misread", () => {
    const exact = { ...denied, pattern: "AB1230", match: "exact" as const };
    for (const entry of [exact, { ...exact, pattern: "AB12*" }]) {
      const both = lists({ ...alice, watch: [entry] });
      for (const text of ["AB1230", "A8123O"]) {
        assert.equal(outcome(passage(text), both), "deny deny_list", text);
      }
      const past = lists({ ...alice, watch: [{ ...entry, expiresAt: NOON - 1 }] });
      assert.equal(outcome(passage("A8123O"), past), "open allowed_confusable");
    }
    const other = lists({ ...alice, watch: [{ ...exact, pattern: "A8123O" }] });
    assert.equal(outcome(passage("AB1230"), other), "open allowed");
  });

  it("stops at the first refusal of status, dates, schedule, lane, way, second factor", () => {
    const never = schedule("night", { windows: [{ days: [3], from: "22:00", to: "06:00" }] });
    const strict = vehicle("AB1230", {
      status: "blocked",
      validUntil: NOON - 1,
      scheduleId: "night",
      lanes: ["lane-2"],
      way: "exit",
    });
    const where = {
      way: "entry" as const,
      rules: { ...DEFAULT_LANE_RULES, secondFactor: ["loop" as const] },
    };
    const relax: [string, Partial<Vehicle>][] = [
      ["blocked", {}],
      ["suspended", { status: "suspended" }],
      ["expired", { status: "active" }],
      ["not_yet_valid", { validUntil: null, validFrom: NOON + 1 }],
      ["outside_schedule", { validFrom: null }],
      ["wrong_lane", { scheduleId: null }],
      ["wrong_direction", { lanes: [] }],
      ["second_factor_missing", { way: null }],
    ];
    let now = strict;
    for (const [reason, change] of relax) {
      now = { ...now, ...change };
      const theLists = lists({ vehicles: [now], schedules: [never] });
      assert.equal(outcome(passage("AB1230"), theLists, { context: where }), `deny ${reason}`);
    }
    const factors = [{ kind: "loop" as const, value: null, laneId: "lane-1", at: NOON }];
    const theLists = lists({ vehicles: [now] });
    const more = { context: where, state: { factors } };
    assert.equal(outcome(passage("AB1230"), theLists, more), "open allowed");
  });

  it("refuses where a schedule or a group's schedule is missing or closed", () => {
    const lost = lists({ vehicles: [vehicle("AB1230", { scheduleId: "gone" })] });
    assert.equal(outcome(passage("AB1230"), lost), "deny outside_schedule");
    const byGroup = lists({
      vehicles: [vehicle("AB1230", { groups: ["a", "b"] })],
      groups: [group("a", { scheduleId: "shut" }), group("b", { scheduleId: "noon" })],
      schedules: [
        schedule("shut"),
        schedule("noon", { windows: [{ days: [3], from: "11:59", to: "12:01" }] }),
      ],
    });
    assert.equal(outcome(passage("AB1230"), byGroup), "open allowed");
    const clock = NOON + 60_000;
    const late = passage("AB1230", { lastSeen: clock });
    assert.equal(outcome(late, byGroup, { context: { clock } }), "deny outside_schedule");
  });

  it("refuses a vehicle whose group is gone, whatever its limits were", () => {
    const orphan = vehicle("AB1230", { groups: ["staff", "gone"] });
    const some = lists({ vehicles: [orphan], groups: [group("staff")] });
    assert.equal(outcome(passage("AB1230"), some), "deny unknown_group");
    const whole = { ...some, groups: [group("staff"), group("gone")] };
    assert.equal(outcome(passage("AB1230"), whole), "open allowed");
  });

  it("looks at the motion the camera sees", () => {
    const rules = { ...DEFAULT_LANE_RULES, motion: "towards" as const };
    const away = passage("AB1230", { direction: "away" });
    const unknown = passage("AB1230", { direction: "unknown" });
    assert.equal(outcome(away, alice, { context: { rules } }), "deny wrong_direction");
    assert.equal(outcome(unknown, alice, { context: { rules } }), "open allowed");
    const strict = { ...rules, motionStrict: true };
    assert.equal(outcome(unknown, alice, { context: { rules: strict } }), "deny wrong_direction");
  });

  it("counts the uses of a visitor's pass, entries alone", () => {
    const visit = lists({ passes: [pass("XY99", { usesAllowed: 1 })] });
    const way = "entry" as const;
    const first = decide(passage("XY99"), visit, EMPTY_STATE, context({ way }));
    assert.equal(first.decision.reason, "visitor_pass");
    assert.deepEqual(first.changes[1], {
      type: "use_pass",
      passId: "p-XY99",
      passageId: "passage-XY99",
    });
    const state = { passUses: new Map([["p-XY99", 1]]) };
    assert.equal(outcome(passage("XY99"), visit, { state, context: { way } }), "deny pass_used_up");
    assert.equal(
      outcome(passage("XY99"), visit, { state, context: { way: "exit" } }),
      "open visitor_pass",
    );
  });

  it("lets a pass help an expired vehicle, not a blocked one", () => {
    const passes = [pass("AB1230")];
    const expired = lists({ vehicles: [vehicle("AB1230", { validUntil: 1 })], passes });
    assert.equal(outcome(passage("AB1230"), expired), "open visitor_pass");
    const blocked = lists({ vehicles: [vehicle("AB1230", { status: "blocked" })], passes });
    assert.equal(outcome(passage("AB1230"), blocked), "deny blocked");
  });

  it("reports hits of the watch list beside the decision, and obeys them where told to", () => {
    const watch = [{ ...denied, list: "watch" as const }];
    const told = decide(passage("AB1230"), lists({ ...alice, watch }), EMPTY_STATE, context());
    assert.equal(told.decision.result, "open");
    assert.equal(told.watchHits.length, 1);
    const settings = { ...DEFAULT_ACCESS_SETTINGS, watchHitsNeedReview: true };
    assert.equal(
      outcome(passage("AB1230"), lists({ ...alice, watch, settings })),
      "review watch_list",
    );
  });
});
