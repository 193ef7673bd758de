import assert from "node:assert/strict";
import fc from "fast-check";
import type { CharacterRead } from "../../core/messages";
import { consensus, type Ballot } from "../../core/vision/tracking/consensus";
import { contradict, textDistance } from "../../core/vision/tracking/text-distance";

function spelled(text: string, confidence: number | number[] = 0.9): CharacterRead[] {
  return [...text].map((char, i) => ({
    char,
    confidence: typeof confidence === "number" ? confidence : (confidence[i] ?? 0),
    alternatives: [],
  }));
}

function ballot(text: string, confidence: number | number[] = 0.9, weight = 1): Ballot {
  return { characters: spelled(text, confidence), weight };
}

describe("consensus", () => {
  it("is empty where nobody votes", () => {
    assert.deepEqual(consensus([]), { text: "", confidence: 0, characters: [] });
  });

  it("weighs characters by confidence", () => {
    const votes = [
      ballot("AB1", [0.9, 0.4, 0.9]),
      ballot("AB1", [0.9, 0.4, 0.9]),
      ballot("A81", [0.9, 0.95, 0.9]),
    ];
    assert.equal(consensus(votes).text, "A81");
  });

  it("weighs reads by their weight", () => {
    assert.equal(consensus([ballot("AB1", 0.9, 0.2), ballot("AB7", 0.9, 0.5)]).text, "AB7");
  });

  it("puts a text together that no single read had", () => {
    const votes = [
      ballot("XSN823", [0.9, 0.9, 0.9, 0.5, 0.9, 0.9]),
      ballot("XSNB28", [0.9, 0.9, 0.9, 0.9, 0.9, 0.5]),
      ballot("XSNB23"),
      ballot("KSNB23", [0.5, 0.9, 0.9, 0.9, 0.9, 0.9]),
    ].filter((vote) => vote.characters[0]);
    assert.equal(consensus(votes).text, "XSNB23");
  });

  it("aligns reads clipped at either end", () => {
    const votes = ["NB23", "XSNB", "SNB23", "XSNB2", "XSNB23"].map((text) => ballot(text));
    assert.equal(consensus(votes).text, "XSNB23");
  });

  it("drops a character that few reads add", () => {
    const votes = ["XSNB23", "XSNB23", "XSNB233", "IXSNB23", "XSNB23"].map((t) => ballot(t));
    assert.equal(consensus(votes).text, "XSNB23");
  });

  it("counts alternatives", () => {
    const unsure = (char: string, other: string): Ballot => ({
      characters: [{ char, confidence: 0.5, alternatives: [{ char: other, confidence: 0.48 }] }],
      weight: 1,
    });
    assert.equal(consensus([unsure("B", "8"), unsure("R", "8"), unsure("P", "8")]).text, "8");
  });

  it("grows surer with agreement and less sure with dissent", () => {
    const one = consensus([ballot("AB1", 0.8)]).confidence;
    const three = consensus([
      ballot("AB1", 0.8),
      ballot("AB1", 0.8),
      ballot("AB1", 0.8),
    ]).confidence;
    const split = consensus([
      ballot("AB1", 0.8),
      ballot("AB1", 0.8),
      ballot("AB7", 0.8),
    ]).confidence;
    assert.ok(three > one && three > split, `${three} > ${one}, ${split}`);
  });

  it("is the text of all when all agree, in any order, and within 0..1", () => {
    const text = fc.stringMatching(/^[A-Z0-9]{1,9}$/);
    const sure = fc.double({ min: 0.05, max: 1, noNaN: true });
    fc.assert(
      fc.property(text, fc.array(sure, { minLength: 1, maxLength: 12 }), (plate, confidences) => {
        const result = consensus(confidences.map((confidence) => ballot(plate, confidence)));
        assert.equal(result.text, plate);
        assert.ok(result.confidence >= 0 && result.confidence <= 1);
        assert.equal(result.characters.length, plate.length);
      }),
    );
  });

  it("survives any votes", () => {
    const read = fc.tuple(fc.stringMatching(/^[A-C12]{0,8}$/), fc.double({ min: 0, max: 1 }));
    fc.assert(
      fc.property(fc.array(read, { maxLength: 10 }), (reads) => {
        const valid = reads.map(([text, p]) => ballot(text, Number.isFinite(p) ? p : 0));
        const result = consensus(valid);
        assert.equal(result.text, result.characters.map((c) => c.char).join(""));
        assert.ok(result.confidence >= 0 && result.confidence <= 1);
      }),
    );
  });

  it("finds the plate among noisy reads nearly always", () => {
    const plate = "AB123CD";
    let right = 0;
    const rounds = 300;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = generator(seed);
        const votes = Array.from({ length: 9 }, () => noisy(plate, random));
        if (consensus(votes).text === plate) right += 1;
      }),
      { numRuns: rounds, seed: 7 },
    );
    assert.ok(right / rounds > 0.93, `${right} of ${rounds}`);
  });
});

/** One in five characters wrong and less sure, one read in four clipped. */
function noisy(plate: string, random: () => number): Ballot {
  const characters = [...plate].map((char): CharacterRead => {
    const wrong = random() < 0.2;
    const seen = wrong
      ? ("ABCDEFGHKLMNPRSTUVXYZ0123456789"[Math.floor(random() * 31)] ?? "A")
      : char;
    return {
      char: seen,
      confidence: wrong ? 0.3 + random() * 0.5 : 0.6 + random() * 0.4,
      alternatives: [],
    };
  });
  const from = random() < 0.25 ? 1 : 0;
  return { characters: characters.slice(from), weight: 0.5 + random() };
}

function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("distance of readings", () => {
  it("orders pairs by how likely they are one plate", () => {
    const far = (a: string, b: string, sure = 0.95) =>
      textDistance(spelled(a, sure), spelled(b, sure));
    assert.equal(far("AB123CD", "AB123CD"), 0);
    assert.ok(far("AB123CD", "A8123CD") < 0.08, "look-alike");
    assert.ok(far("AB123CD", "B123CD") < 0.08, "clipped");
    assert.ok(far("AB123CD", "AB123CF") > 0.1, "another fleet car");
    assert.ok(far("AB123CD", "AB123CF", 0.5) < far("AB123CD", "AB123CF"), "unsure");
    assert.ok(far("AB123CD", "XY789ZT") > 0.5, "another car");
  });

  it("is symmetric and between 0 and 1", () => {
    const text = fc.stringMatching(/^[A-D1-4]{0,8}$/);
    fc.assert(
      fc.property(text, text, (a, b) => {
        const one = textDistance(spelled(a), spelled(b));
        assert.ok(Math.abs(one - textDistance(spelled(b), spelled(a))) < 1e-9);
        assert.ok(one >= 0 && one <= 1);
      }),
    );
  });

  it("calls only sure, unlike characters a contradiction", () => {
    assert.ok(contradict(spelled("AC1"), spelled("AC7")));
    assert.ok(!contradict(spelled("AC1"), spelled("AC7", [0.9, 0.9, 0.5])), "unsure");
    assert.ok(!contradict(spelled("AO1"), spelled("A01")), "look-alike");
    assert.ok(!contradict(spelled("AC1"), spelled("AC12")), "other length");
  });
});
