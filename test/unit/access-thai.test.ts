import assert from "node:assert/strict";
import { decide } from "../../core/access/decide";
import {
  CollisionFinder,
  findCollision,
  findPassCollision,
  listedCollisions,
  previewAccepted,
} from "../../core/access/identify";
import { replay } from "../../core/access/replay";
import type { AccessSnapshot } from "../../core/access/types";
import { DEFAULT_ACCESS_SETTINGS, EMPTY_STATE } from "../../core/access/types";
import { hitsOf } from "../../core/access/watch";
import { watcherOf } from "../../core/bolo/match";
import { DEFAULT_CONFUSABLES } from "../../core/plates/confusables";
import { gatePlate } from "../../core/plates/gate-plate";
import { normalisePlate } from "../../core/plates/normalise";
import { THAI_PROVINCES } from "../../core/plates/thai";
import {
  context,
  lists,
  NOON,
  pass,
  passage,
  vehicle,
  watchEntry,
} from "../fixtures/access-sample";

const BANGKOK = normalisePlate("1กก 1234 กรุงเทพมหานคร");
const CHIANG_MAI = normalisePlate("1กก 1234 เชียงใหม่");
const BARE = "1กก1234";

function outcome(read: string, theLists: AccessSnapshot): string {
  const { decision } = decide(passage(read), theLists, EMPTY_STATE, context());
  assert.equal(decision.plate, normalisePlate(read), "the read stays as it was");
  const { again, was } = replay({ id: "1", ...decision }, null);
  assert.deepEqual(again, was, "the kept facts give the same decision");
  return `${decision.result} ${decision.reason}`;
}

const withVehicles = (...plates: string[]): AccessSnapshot =>
  lists({ vehicles: plates.map((plate) => vehicle(plate)) });

describe("Thai plates at the gate", () => {
  for (const [enrolled, read] of [
    [BANGKOK, BARE],
    [BANGKOK, `${BARE} กท`],
    [BANGKOK, `${BARE} กรุงเทพมหานค`],
    [BANGKOK, "1กก กรุงเทพมหานคร 1234"],
    [BARE, BANGKOK],
    [`${BARE}กท`, BANGKOK],
    [BANGKOK, BANGKOK],
    ["701234ชลบุรี", "70-1234"],
  ] as const) {
    it(`opens for ${enrolled} read as ${read}`, () => {
      assert.equal(outcome(read, withVehicles(normalisePlate(enrolled))), "open allowed");
    });
  }

  it("opens for each province's plate read without it, and for none of another number", () => {
    for (const { name } of THAI_PROVINCES) {
      const theLists = withVehicles(`${BARE}${name}`);
      assert.equal(outcome(BARE, theLists), "open allowed", name);
      assert.equal(outcome("1กก1235", theLists), "deny unknown_plate", name);
    }
  });

  it("keeps to the province where the read and the entry both have one", () => {
    assert.equal(outcome(CHIANG_MAI, withVehicles(BANGKOK)), "deny unknown_plate");
    assert.equal(outcome(CHIANG_MAI, withVehicles(BANGKOK, CHIANG_MAI)), "open allowed");
  });

  it("asks a person where only the province would tell two vehicles apart", () => {
    assert.equal(outcome(BARE, withVehicles(BANGKOK, CHIANG_MAI)), "review ambiguous");
    assert.equal(outcome(BARE, withVehicles(BARE, BANGKOK)), "review ambiguous");
  });

  it("takes a visitor's pass without the province for the vehicle's", () => {
    const suspended = vehicle(BANGKOK, { status: "suspended" });
    const theLists = lists({ vehicles: [suspended], passes: [pass(BARE)] });
    assert.equal(outcome(BARE, theLists), "deny suspended");
    const two = lists({ passes: [pass(BARE), pass(BANGKOK)] });
    assert.equal(outcome(BARE, two), "open visitor_pass");
    assert.equal(listedCollisions(two, 5).total, 0);
    assert.equal(findPassCollision({ id: null, plate: BARE }, withVehicles(BANGKOK)), null);
  });

  it("leaves the whole text where the rest would be no Thai number", () => {
    for (const text of ["กรุงเทพมหานคร", "12กท", "ABกรุงเทพมหานคร", "กก1234ฮฮฮฮฮฮ", "AB1234"]) {
      const plate = normalisePlate(text);
      assert.deepEqual(gatePlate(plate), { whole: plate, text: plate, province: null });
    }
    assert.equal(outcome("12กท", withVehicles("12")), "deny unknown_plate");
  });

  it("counts votes with and without the province as agreeing", () => {
    const votes = [BARE, BANGKOK, BARE].map((text) => ({
      text,
      confidence: 0.9,
      characters: [...text].map(() => 0.9),
      capturedAt: NOON,
      box: [0, 0, 1, 1] as [number, number, number, number],
    }));
    const { rules } = context();
    const strict = context({ rules: { ...rules, minReads: 3 } });
    const read = passage(BARE, { votes });
    const { decision } = decide(read, withVehicles(BANGKOK), EMPTY_STATE, strict);
    assert.equal(decision.result, "open");
  });
});

describe("Thai plates on the deny and the watch list", () => {
  it("denies by an entry with the province what is read without, and the reverse", () => {
    for (const [denied, read] of [
      [BANGKOK, BARE],
      [BARE, BANGKOK],
      [`${BARE} กท`, BANGKOK],
      ["1กก12*", BANGKOK],
      ["1กก12??", BANGKOK],
      ["*กรุงเทพมหานคร", BARE],
    ] as const) {
      const watch = [watchEntry(denied, { list: "deny" })];
      const theLists = lists({ vehicles: [vehicle(BANGKOK)], watch });
      assert.equal(outcome(read, theLists), "deny deny_list", `${denied} ${read}`);
    }
  });

  it("denies a misread of a number that is denied in any province", () => {
    const watch = [watchEntry(CHIANG_MAI, { list: "deny", match: "exact" })];
    const theLists = lists({ vehicles: [vehicle(BANGKOK)], watch });
    assert.equal(outcome("1กกI234", theLists), "deny deny_list");
    assert.equal(outcome(BANGKOK, theLists), "open allowed");
  });

  it("hits on the watch list, at the gate and in stored events", () => {
    for (const [wanted, read, hit] of [
      [BANGKOK, BARE, true],
      [BARE, BANGKOK, true],
      ["1กก 1234 กท", BANGKOK, true],
      [CHIANG_MAI, BANGKOK, false],
    ] as const) {
      const entry = watchEntry(wanted);
      const hits = hitsOf(passage(read), lists({ watch: [entry] }), { minConfidence: 0 }, NOON);
      assert.equal(hits.length, hit ? 1 : 0, `${wanted} ${read}`);
      const event = { plateText: read, confidence: 0.9, timestamp: NOON };
      assert.equal(watcherOf(entry, DEFAULT_CONFUSABLES)(event), hit, `${wanted} ${read}`);
    }
  });
});

describe("Thai plates at enrolment", () => {
  it("refuses a second vehicle that the number alone would not tell apart", () => {
    for (const [listed, added] of [
      [BANGKOK, BARE],
      [BARE, BANGKOK],
      [BANGKOK, CHIANG_MAI],
    ] as const) {
      const known = withVehicles(listed);
      assert.equal(findCollision({ id: null, plate: added }, known)?.plate, listed);
      assert.equal(findCollision({ id: `v-${listed}`, plate: added }, known), null);
      const finder = new CollisionFinder(DEFAULT_CONFUSABLES);
      assert.equal(finder.add({ id: "a", plate: listed }), null);
      assert.equal(finder.add({ id: "b", plate: added })?.id, "a");
      assert.equal(listedCollisions(withVehicles(listed, added), 5).total, 1);
    }
  });

  it("shows the reads of the number, and the plate as it is enrolled", () => {
    const shown = previewAccepted("1กก 1234 กรุงเทพมหานคร", DEFAULT_ACCESS_SETTINGS);
    assert.equal(shown.plate, BANGKOK);
    assert.equal(shown.accepted[0], BARE);
  });
});
