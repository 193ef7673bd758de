import assert from "node:assert/strict";
import fc from "fast-check";
import { decide } from "../../core/access/decide";
import {
  CollisionFinder,
  findCollision,
  findPassCollision,
  previewAccepted,
} from "../../core/access/identify";
import { DEFAULT_ACCESS_SETTINGS, EMPTY_STATE } from "../../core/access/types";
import type { AccessSnapshot } from "../../core/access/types";
import {
  acceptedReads,
  confusableKey,
  DEFAULT_CONFUSABLES,
  differsOnlyByConfusables,
} from "../../core/plates/confusables";
import { context, lists, pass, passage, vehicle } from "../fixtures/access-sample";
import { randomNumbers, randomPlates } from "../fixtures/plates";

const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

function resultOf(text: string, theLists: AccessSnapshot): string {
  return decide(passage(text), theLists, EMPTY_STATE, context()).decision.result;
}

/** A list of plates that enrolment would have accepted one after the other. */
function enrolled(count: number, seed: number): string[] {
  const finder = new CollisionFinder(DEFAULT_CONFUSABLES);
  return randomPlates(count + 200, seed)
    .filter((plate) => finder.add({ id: plate, plate }) === null)
    .slice(0, count);
}

/** All texts that are one substitution, insertion, deletion or swap away. */
function neighbours(plate: string): string[] {
  const found = new Set<string>();
  for (let i = 0; i <= plate.length; i++) {
    const [head, tail] = [plate.slice(0, i), plate.slice(i)];
    if (tail) found.add(head + tail.slice(1));
    if (tail.length > 1) found.add(head + (tail[1] ?? "") + (tail[0] ?? "") + tail.slice(2));
    for (const char of CHARACTERS) {
      found.add(head + char + tail);
      if (tail) found.add(head + char + tail.slice(1));
    }
  }
  found.delete(plate);
  return [...found];
}

describe("the false-open budget", function () {
  this.timeout(120_000);
  const plates = enrolled(1000, 7);
  const theLists = lists({ vehicles: plates.map((plate) => vehicle(plate)) });
  /** Plates of the list by look-up key: what a neighbour may rightly be taken for. */
  const keys = new Map(plates.map((plate) => [confusableKey(plate), plate]));

  it("opens for none of the non-confusable one-edit neighbours of 1,000 random plates", () => {
    let tried = 0;
    const opened: string[] = [];
    for (const plate of plates) {
      for (const text of neighbours(plate)) {
        if (differsOnlyByConfusables(text, plate)) continue;
        // A neighbour that is another listed plate, or its confusable read, may open for that one.
        const other = keys.get(confusableKey(text));
        if (other !== undefined && differsOnlyByConfusables(text, other)) continue;
        tried += 1;
        if (resultOf(text, theLists) === "open") opened.push(`${text} for ${plate}`);
      }
    }
    assert.deepEqual(opened, []);
    assert.ok(tried > 400_000, `${tried} neighbours`);
  });

  it("opens for at least 95 % of the one-confusable misreads", () => {
    let tried = 0;
    let opened = 0;
    for (const plate of plates) {
      for (const [i, char] of [...plate].entries()) {
        for (const other of DEFAULT_CONFUSABLES.neighbours.get(char) ?? []) {
          if (other === char) continue;
          tried += 1;
          const text = plate.slice(0, i) + other + plate.slice(i + 1);
          if (resultOf(text, theLists) === "open") opened += 1;
        }
      }
    }
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
