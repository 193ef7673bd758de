import assert from "node:assert/strict";
import fc from "fast-check";
import { MemoryState } from "../../adapters/access/memory-state";
import { decide } from "../../core/access/decide";
import { checkPin, hashPin, normaliseCredential } from "../../core/access/second-factor";
import type {
  AccessSettings,
  AccessSnapshot,
  AccessState,
  FactorToken,
  Way,
} from "../../core/access/types";
import { DEFAULT_ACCESS_SETTINGS, DEFAULT_LANE_RULES, EMPTY_STATE } from "../../core/access/types";
import { context, group, lists, NOON, pass, passage, vehicle } from "../fixtures/access-sample";

/** A site as a gate drives it: decides, and applies what an open changes. */
class Site {
  readonly store = new MemoryState();
  clock = NOON;

  constructor(readonly theLists: AccessSnapshot) {}

  async drive(plate: string, way: Way): Promise<string> {
    this.clock += 1000;
    const state = await this.store.state("site-1");
    const thePassage = passage(plate, { id: `at-${this.clock}`, lastSeen: this.clock });
    const where = context({ way, clock: this.clock });
    const { decision, changes } = decide(thePassage, this.theLists, state, where);
    await this.store.apply(changes);
    return decision.reason;
  }

  async inside(): Promise<string[]> {
    const { presences } = await this.store.state("site-1");
    return [...presences.values()].filter((one) => one.inside).map((one) => one.plate);
  }
}

function settings(more: Partial<AccessSettings>): AccessSettings {
  return { ...DEFAULT_ACCESS_SETTINGS, ...more };
}

describe("anti-passback", () => {
  const vehicles = [vehicle("AA11"), vehicle("BB22")];

  it("hard: in only from outside, out only from inside, and neither before it was seen", async () => {
    const site = new Site(lists({ vehicles, settings: settings({ antiPassback: "hard" }) }));
    assert.equal(await site.drive("AA11", "exit"), "allowed");
    assert.equal(await site.drive("AA11", "exit"), "anti_passback");
    assert.equal(await site.drive("AA11", "entry"), "allowed");
    assert.equal(await site.drive("AA11", "entry"), "anti_passback");
    assert.equal(await site.drive("BB22", "entry"), "allowed");
    assert.equal(await site.drive("AA11", "exit"), "allowed");
  });

  it("soft: lets through and notes it", () => {
    const theLists = lists({ vehicles, settings: settings({ antiPassback: "soft" }) });
    const presence = {
      subject: "vehicle:v-AA11",
      plate: "AA11",
      groups: [],
      inside: true,
      at: NOON - 1000,
      way: "entry" as const,
      laneId: null,
      passageId: null,
    };
    const state = { ...EMPTY_STATE, presences: new Map([[presence.subject, presence]]) };
    const { decision } = decide(passage("AA11"), theLists, state, context({ way: "entry" }));
    assert.equal(decision.reason, "allowed");
    const step = decision.trace.steps.find(({ check }) => check === "anti_passback");
    assert.match(step?.detail ?? "", /noted.*inside already/);
  });

  it("timed: the same way again only after its minutes", async () => {
    const timed = settings({ antiPassback: "timed", antiPassbackMinutes: 10 });
    const site = new Site(lists({ vehicles, settings: timed }));
    assert.equal(await site.drive("AA11", "entry"), "allowed");
    assert.equal(await site.drive("AA11", "entry"), "anti_passback");
    assert.equal(await site.drive("AA11", "exit"), "allowed");
    assert.equal(await site.drive("AA11", "entry"), "allowed");
    site.clock += 10 * 60_000;
    assert.equal(await site.drive("AA11", "entry"), "allowed");
  });
});

describe("occupancy", () => {
  it("keeps site, group and shared permits within their limits over any sequence", async () => {
    const family = ["AA11", "BB22", "CC33"].map((plate) => vehicle(plate, { groups: ["flat"] }));
    const staff = ["DD44", "EE55", "FF66"].map((plate) => vehicle(plate, { groups: ["staff"] }));
    const theLists = lists({
      vehicles: [...family, ...staff],
      groups: [group("flat", { permitSpaces: 1 }), group("staff", { occupancyLimit: 2 })],
      settings: settings({ occupancyLimit: 2 }),
    });
    const plates = theLists.vehicles.map(({ plate }) => plate);
    const move = fc.record({
      plate: fc.constantFrom(...plates),
      way: fc.constantFrom<Way>("entry", "exit"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 40 }), async (moves) => {
        const site = new Site(theLists);
        for (const { plate, way } of moves) {
          const before = await site.inside();
          const reason = await site.drive(plate, way);
          const inside = await site.inside();
          assert.ok(inside.length <= 2);
          assert.ok(inside.filter((one) => family.some((v) => v.plate === one)).length <= 1);
          if (way === "exit") assert.equal(reason, "allowed");
          else if (reason !== "allowed") {
            const shared = before.some((one) => family.some((v) => v.plate === one));
            const full = before.filter((one) => one !== plate).length >= 2;
            assert.equal(reason, full ? "occupancy_full" : "permit_in_use");
            assert.ok(full || shared);
          }
        }
      }),
    );
  });

  it("names the limit that is reached", async () => {
    const theLists = lists({
      vehicles: [vehicle("AA11", { groups: ["flat"] }), vehicle("BB22", { groups: ["flat"] })],
      groups: [group("flat", { permitSpaces: 1 })],
    });
    const site = new Site(theLists);
    assert.equal(await site.drive("AA11", "entry"), "allowed");
    assert.equal(await site.drive("AA11", "entry"), "allowed");
    assert.equal(await site.drive("BB22", "entry"), "permit_in_use");
    assert.equal(await site.drive("AA11", "exit"), "allowed");
    assert.equal(await site.drive("BB22", "entry"), "allowed");
  });

  it("counts visitors too, and their uses once each", async () => {
    const theLists = lists({
      passes: [pass("VV99", { usesAllowed: 2 })],
      settings: settings({ occupancyLimit: 5 }),
    });
    const site = new Site(theLists);
    for (const expected of ["visitor_pass", "visitor_pass", "pass_used_up"]) {
      assert.equal(await site.drive("VV99", "entry"), expected);
      assert.equal(await site.drive("VV99", "exit"), "visitor_pass");
    }
  });
});

describe("second factor", () => {
  const owner = vehicle("AA11", { credentials: ["00123456"], pin: hashPin("2580") });
  const theLists = lists({ vehicles: [owner] });
  const rules = {
    ...DEFAULT_LANE_RULES,
    secondFactor: ["tag" as const, "pin" as const],
    secondFactorSeconds: 20,
  };

  function reasonWith(...factors: Partial<FactorToken>[]): string {
    const tokens = factors.map((token) => ({
      kind: "tag" as const,
      value: null,
      laneId: "lane-1",
      at: NOON - 1000,
      ...token,
    }));
    const state: AccessState = { ...EMPTY_STATE, factors: tokens };
    return decide(passage("AA11"), theLists, state, context({ rules })).decision.reason;
  }

  it("wants the vehicle's own tag or PIN, on this lane, in time", () => {
    assert.equal(reasonWith(), "second_factor_missing");
    assert.equal(reasonWith({ value: "123456" }), "allowed");
    assert.equal(reasonWith({ value: "0-123-456", laneId: null }), "allowed");
    assert.equal(reasonWith({ value: "123457" }), "second_factor_wrong");
    assert.equal(reasonWith({ value: "" }), "second_factor_wrong");
    assert.equal(reasonWith({ kind: "pin", value: "2580" }), "allowed");
    assert.equal(reasonWith({ kind: "pin", value: "2581" }), "second_factor_wrong");
    assert.equal(reasonWith({ kind: "pin", value: "2581" }, { value: "123456" }), "allowed");
    assert.equal(reasonWith({ value: "123456", laneId: "lane-2" }), "second_factor_missing");
    assert.equal(reasonWith({ value: "123456", at: NOON - 20_001 }), "second_factor_missing");
    assert.equal(reasonWith({ kind: "loop" }), "second_factor_missing");
  });

  it("takes a loop for the lane that it names, and for no other", () => {
    const loops = { ...rules, secondFactor: ["loop" as const] };
    const reasonOn = (laneId: string | null, own: string | null): string => {
      const state = {
        ...EMPTY_STATE,
        factors: [{ kind: "loop" as const, value: null, laneId, at: NOON }],
      };
      return decide(passage("AA11"), theLists, state, context({ rules: loops, laneId: own }))
        .decision.reason;
    };
    assert.equal(reasonOn("lane-1", "lane-1"), "allowed");
    assert.equal(reasonOn("lane-2", "lane-1"), "second_factor_missing");
    assert.equal(reasonOn(null, "lane-1"), "second_factor_missing", "it could be of any lane");
    assert.equal(reasonOn(null, null), "allowed", "where lanes are not told apart");
  });

  it("keeps no PIN and no tag in the stored trace, but what they were worth", () => {
    const factors: FactorToken[] = [{ kind: "pin", value: "2580", laneId: "lane-1", at: NOON }];
    const { decision } = decide(
      passage("AA11"),
      theLists,
      { ...EMPTY_STATE, factors },
      context({ rules }),
    );
    const stored = JSON.stringify(decision);
    assert.equal(decision.result, "open");
    for (const secret of ["2580", "123456", owner.pin ?? "?", "alice@"]) {
      assert.equal(stored.includes(secret), false, secret);
    }
    assert.deepEqual(decision.trace.facts?.state.factors, [
      { kind: "pin", value: null, laneId: "lane-1", at: NOON, matched: true },
    ]);
  });

  it("hashes a PIN with a salt", () => {
    const [a, b] = [hashPin("2580"), hashPin("2580")];
    assert.notEqual(a, b);
    assert.ok(checkPin("2580", a) && checkPin("2580", b));
    assert.ok(!checkPin("258", a) && !checkPin("2580", "2580") && !checkPin("2580", "scrypt$$"));
    assert.equal(normaliseCredential(" 00-12 ab "), "12AB");
    assert.equal(normaliseCredential("000"), "0");
  });
});
