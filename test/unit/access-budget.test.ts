import assert from "node:assert/strict";
import fc from "fast-check";
import { findCollision, findPassCollision, previewAccepted } from "../../core/access/identify";
import { DEFAULT_ACCESS_SETTINGS } from "../../core/access/types";
import { acceptedReads, differsOnlyByConfusables } from "../../core/plates/confusables";
import { lists, pass, vehicle } from "../fixtures/access-sample";
import { FalseOpens, resultOf } from "../fixtures/false-opens";
import { randomNumbers } from "../fixtures/plates";

describe("the false-open budget", function () {
  this.timeout(120_000);
  const budget = new FalseOpens(1000, 7);

  it("opens for none of the non-confusable one-edit neighbours of 1,000 random plates", () => {
    const { opened, tried } = budget.neighbours();
    assert.deepEqual(opened, []);
    assert.ok(tried > 400_000, `${tried} neighbours`);
  });

  it("opens for at least 95 % of the one-confusable misreads", () => {
    const { opened, tried } = budget.misreads();
    assert.ok(tried > 1000);
    assert.ok(opened / tried >= 0.95, `${opened} of ${tried}`);
  });

  it("never opens for a plate with another key, whatever the list", () => {
    const text = fc.string({ unit: fc.constantFrom(..."ABO018I"), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), text, (listed, read) => {
        const some = lists({ vehicles: [...new Set(listed)].map((plate) => vehicle(plate)) });
        const meant = listed.filter((plate) => differsOnlyByConfusables(plate, read));
        const result = resultOf(read, some);
        const only = new Set(meant).size === 1;
        assert.equal(result === "open", listed.includes(read) || only);
        if (!listed.includes(read) && new Set(meant).size > 1) assert.equal(result, "review");
      }),
    );
  });
});

describe("the collision check at enrolment", () => {
  it("refuses exactly what would share a read with another entry", () => {
    const next = randomNumbers(3);
    for (let round = 0; round < 300; round++) {
      const word = (): string =>
        Array.from({ length: 4 }, () => "ABO08"[Math.floor(next() * 5)] ?? "").join("");
      const [a, b] = [word(), word()];
      const theLists = lists({ vehicles: [vehicle(a)] });
      const shared = acceptedReads(a).reads.filter((read) => acceptedReads(b).reads.includes(read));
      const collision = findCollision({ id: null, plate: b }, theLists);
      assert.equal(collision?.plate, shared.length > 0 ? a : undefined, `${a} ${b}`);
    }
  });

  it("does not compare an entry with itself, and normalises", () => {
    const theLists = lists({ vehicles: [vehicle("AB100")] });
    assert.equal(findCollision({ id: "v-AB100", plate: "AB100" }, theLists), null);
    assert.equal(findCollision({ id: null, plate: "a8-1oo" }, theLists)?.vehicle?.id, "v-AB100");
  });

  it("sees two different plates that one read could mean, though they are no pair", () => {
    const settings = { ...DEFAULT_ACCESS_SETTINGS, confusables: ["O/0", "D/0"] };
    const theLists = lists({ vehicles: [vehicle("ABO1")], settings });
    assert.equal(findCollision({ id: null, plate: "ABD1" }, theLists)?.plate, "ABO1");
    assert.equal(findCollision({ id: null, plate: "ABD1" }, lists(theLists))?.plate, "ABO1");
  });

  it("looks at visitors' passes too, but for the very plate", () => {
    const guest = pass("AB100");
    const theLists = lists({ vehicles: [vehicle("XYO7")], passes: [guest] });
    assert.equal(findCollision({ id: null, plate: "A8100" }, theLists)?.pass, guest);
    assert.equal(findCollision({ id: null, plate: "AB100" }, theLists), null);
    assert.equal(findPassCollision({ id: null, plate: "XY07" }, theLists)?.plate, "XYO7");
    assert.equal(findPassCollision({ id: null, plate: "XYO7" }, theLists), null);
    assert.equal(findPassCollision({ id: null, plate: "A8100" }, theLists)?.pass, guest);
    assert.equal(findPassCollision({ id: guest.id, plate: "A8100" }, theLists), null);
    const revoked = lists({ passes: [pass("AB100", { status: "revoked" })] });
    assert.equal(findCollision({ id: null, plate: "A8100" }, revoked), null);
  });

  it("shows the reads that an entry would accept, the plate first", () => {
    const all = previewAccepted("b-10", DEFAULT_ACCESS_SETTINGS);
    assert.deepEqual(all, {
      plate: "B10",
      accepted: ["B10", "810", "BI0", "B1O", "8I0", "81O", "BIO", "8IO"],
      total: 8,
    });
    const one = previewAccepted("B10", { confusables: null, maxConfusables: 1 });
    assert.deepEqual(one.accepted, ["B10", "810", "BI0", "B1O"]);
    const none = previewAccepted("B10", { confusables: [], maxConfusables: null });
    assert.deepEqual(none.accepted, ["B10"]);
  });
});
