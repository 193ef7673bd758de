import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { openDatabase } from "../../adapters/database/open";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import { decide } from "../../core/access/decide";
import { countReplayed, readRuleChange, replay, sameVerdict } from "../../core/access/replay";
import type { AccessSnapshot, AccessState, Presence } from "../../core/access/types";
import { DEFAULT_ACCESS_SETTINGS, DEFAULT_LANE_RULES, EMPTY_STATE } from "../../core/access/types";
import { eventOfPassage } from "../../core/events/event";
import { hidePlate } from "../../core/events/hashing";
import type { Decision } from "../../core/messages";
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

const run = promisify(execFile);
const SITE = { siteId: "site-1", zoneId: null };
const CLI = join(__dirname, "../../cli/plategate.js");

/** A site with a bit of everything. */
const site = lists({
  version: "7",
  vehicles: [
    vehicle("AA11", { groups: ["flat"], scheduleId: "day" }),
    vehicle("BB22", { groups: ["flat"], status: "suspended" }),
    vehicle("C0C0", { validUntil: NOON + 3_600_000, way: "entry" }),
    vehicle("COCQ"),
    vehicle("GG10"),
    vehicle("DD44", { lanes: ["lane-2"], groups: ["staff"] }),
  ],
  passes: [pass("VV99", { usesAllowed: 2, used: 1 }), pass("DD44")],
  groups: [group("flat", { permitSpaces: 1 }), group("staff", { scheduleId: "night" })],
  schedules: [
    schedule("day", { windows: [{ days: [1, 2, 3, 4, 5], from: "08:00", to: "18:00" }] }),
    schedule("night", { windows: [{ days: [3], from: "20:00", to: "04:00" }] }),
  ],
  watch: [
    watchEntry("EE*", { list: "deny" }),
    watchEntry("GG10", { list: "deny", match: "exact" }),
    watchEntry("AA1?"),
  ],
  settings: { ...DEFAULT_ACCESS_SETTINGS, occupancyLimit: 3, antiPassback: "hard" },
});

function presence(subject: string, inside: boolean, groups: string[] = []): [string, Presence] {
  const where = { way: "entry" as const, laneId: null, passageId: null };
  return [subject, { subject, plate: "?", groups, inside, at: NOON - 60_000, ...where }];
}

const state: AccessState = {
  ...EMPTY_STATE,
  presences: new Map([
    presence("vehicle:v-AA11", false, ["flat"]),
    presence("vehicle:other", true, ["flat"]),
    presence("vehicle:v-C0C0", true),
  ]),
  passUses: new Map([["p-VV99", 1]]),
};

/** As the database gives it back: JSON and nothing else. */
function stored(decision: Omit<Decision, "id" | "grant">) {
  const { result, reason, trace } = JSON.parse(JSON.stringify(decision)) as Decision;
  return { id: "e1", result, reason, trace };
}

describe("replay", () => {
  it("gives every decision again from what was stored with it", () => {
    const texts = [
      "AA11",
      "AAI1",
      "BB22",
      "C0C0",
      "COC0",
      "COCO",
      "DD44",
      "VV99",
      "EE1",
      "GGIO",
      "X1",
      "",
    ];
    fc.assert(
      fc.property(
        fc.record({
          text: fc.constantFrom(...texts),
          confidence: fc.constantFrom(0.5, 0.8, 0.9),
          final: fc.boolean(),
          reads: fc.integer({ min: 0, max: 3 }),
          way: fc.constantFrom("entry" as const, "exit" as const, null),
          byMotion: fc.boolean(),
          hours: fc.integer({ min: -24, max: 24 }),
          mode: fc.constantFrom("normal" as const, "normal" as const, "lock_down" as const),
          loop: fc.boolean(),
          wanted: fc.boolean(),
        }),
        (given) => {
          const clock = NOON + given.hours * 3_600_000;
          const seen = passage(given.text, {
            confidence: given.confidence,
            state: given.final ? "final" : "preliminary",
            lastSeen: clock - 1000,
            ...(given.wanted ? { reason: "reader_down" } : {}),
          });
          const votes = seen.votes.slice(0, given.reads);
          const factor = { kind: "loop" as const, value: null, laneId: "lane-1", at: clock };
          const rules = { ...DEFAULT_LANE_RULES, secondFactor: given.wanted ? [factor.kind] : [] };
          const { decision } = decide(
            { ...seen, votes },
            site,
            { ...state, mode: given.mode, factors: given.loop ? [factor] : [] },
            context({ way: given.way, wayByMotion: given.byMotion, clock, rules }),
          );
          const { was, again } = replay(stored(decision), null);
          assert.ok(again && sameVerdict(was, again), JSON.stringify({ was, again }));
        },
      ),
      { numRuns: 2000 },
    );
  });

  function decided(text: string, theLists: AccessSnapshot = site) {
    return stored(decide(passage(text), theLists, state, context({ way: "entry" })).decision);
  }

  it("shows what changed rules would have decided", () => {
    const cases: [string, object, string, string][] = [
      ["AA11", {}, "permit_in_use", "permit_in_use"],
      ["AA11", { groups: [{ id: "flat", permitSpaces: 2 }] }, "permit_in_use", "allowed"],
      ["X1", { vehicles: [{ plate: "x-1" }] }, "unknown_plate", "allowed"],
      ["VV99", { remove: ["VV 99"] }, "visitor_pass", "unknown_plate"],
      ["VV99", { settings: { occupancyLimit: 2 } }, "visitor_pass", "occupancy_full"],
      ["VV99", { mode: "lock_down" }, "visitor_pass", "lock_down"],
      ["VV99", { rules: { minConfidence: 0.99 } }, "visitor_pass", "low_confidence"],
      ["VV99", { watch: [{ pattern: "V*", list: "deny" }] }, "visitor_pass", "deny_list"],
      ["BB22", { vehicles: [{ plate: "BB22", status: "active" }] }, "suspended", "permit_in_use"],
      ["EE1", { watch: [{ pattern: "EE*", active: false }] }, "deny_list", "unknown_plate"],
    ];
    for (const [text, change, before, after] of cases) {
      const { was, would } = replay(decided(text), readRuleChange(change));
      assert.equal(was.reason, before, text);
      assert.equal(would?.reason, after, `${text} ${JSON.stringify(change)}`);
    }
    const today = replay(decided("X1"), { lists: lists({ vehicles: [vehicle("X1")] }) });
    assert.equal(today.would?.reason, "allowed");
  });

  it("counts what went to what", () => {
    const change = readRuleChange({ remove: ["VV99"], vehicles: [{ plate: "X1" }] });
    const all = ["VV99", "X1", "X1", "EE1"].map((text) => replay(decided(text), change));
    const old = { id: "old", result: "deny" as const, reason: "unknown_plate" as const };
    const bare = { clock: NOON, listVersion: "1", votes: [], steps: [] };
    const counts = countReplayed([...all, replay({ ...old, trace: bare }, change)]);
    assert.deepEqual(counts, {
      total: 5,
      notStored: 1,
      different: 0,
      changes: { "open -> deny": 1, "deny -> open": 2, same: 1 },
    });
  });

  it("refuses a change that it does not understand", () => {
    const bad = [
      ...[null, [], { vehicle: [] }, { vehicles: {} }, { vehicles: [{}] }, { mode: "party" }],
      ...[{ settings: { occupancy: 1 } }, { rules: { minconfidence: 1 } }, { settings: [] }],
    ];
    for (const change of bad) assert.throws(() => readRuleChange(change), RangeError);
  });

  it("hides the plate of an unknown vehicle in the facts as well", () => {
    const { decision } = decide(passage("QQ777"), site, state, context());
    const event = eventOfPassage(passage("QQ777"), { id: "d", ...decision }, null, SITE);
    assert.ok(JSON.stringify(event).includes("QQ777"));
    const hidden = JSON.stringify({ ...hidePlate(event, Buffer.alloc(32, 1)), id: "" });
    assert.equal(hidden.includes("QQ777"), false, hidden);
  });
});

describe("plategate replay", function () {
  this.timeout(120_000);
  let home = "";

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "plategate-replay-"));
    const database = await openDatabase({ url: undefined, home, log: () => undefined });
    try {
      const events = new DatabaseEvents(database);
      for (const [i, text] of ["AA11", "X1", "VV99", "EE1"].entries()) {
        const seen = passage(text, { id: `p${i}` });
        const { decision } = decide(seen, site, state, context({ way: "entry" }));
        await events.save(eventOfPassage(seen, { id: `d${i}`, ...decision }, null, SITE), NOON + i);
      }
    } finally {
      await database.close();
    }
  });
  after(() => rm(home, { recursive: true, force: true }));

  async function cli(...flags: string[]): Promise<string> {
    const env = { ...process.env, PLATEGATE_HOME: home, DATABASE_URL: "" };
    const { stdout } = await run(process.execPath, [CLI, "replay", ...flags], { env });
    return stdout;
  }

  it("makes the decisions of the store again", async () => {
    const out = await cli();
    assert.match(out, /4 decisions: 4 come out the same, 0 differently/);
  });

  it("shows what a changed rule set would have decided, as a table and as counts", async () => {
    const file = join(home, "rules.json");
    await writeFile(file, JSON.stringify({ vehicles: [{ plate: "X1" }], remove: ["VV99"] }));
    const out = await cli("--rules", file);
    assert.match(out, /X1 +deny \(unknown_plate\) +deny \(unknown_plate\) +open \(allowed\)/);
    assert.match(out, /VV99 +open \(visitor_pass\) .* deny \(unknown_plate\)/);
    assert.match(out, /With the change: 2 same, 1 .*, 1 /);
    assert.doesNotMatch(out, /AA11/);
    const lines = (await cli("--rules", file, "--json", "--all")).trim().split("\n");
    assert.equal(lines.length, 5);
    const last = JSON.parse(lines[4] ?? "") as { counts: { changes: Record<string, number> } };
    assert.deepEqual(last.counts.changes, { same: 2, "open -> deny": 1, "deny -> open": 1 });
  });
});
