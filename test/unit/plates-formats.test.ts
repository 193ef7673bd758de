import assert from "node:assert/strict";
import fc from "fast-check";
import type { CharacterRead } from "../../core/messages";
import { compileFormat, FORMAT_REGIONS, rankByFormat, regionsOf } from "../../core/plates/formats";

/** "A.9/8.3" is an A with 0.9, and 8 as its alternative with 0.3. */
function read(...specs: string[]): CharacterRead[] {
  return specs.map((spec) => {
    const [first = "", ...others] = spec.split("/");
    return {
      char: first[0] ?? "",
      confidence: Number(first.slice(1)),
      alternatives: others.map((other) => ({
        char: other[0] ?? "",
        confidence: Number(other.slice(1)),
      })),
    };
  });
}

describe("region formats", () => {
  const known: [string, string][] = [
    ["GB", "AB12CDE"],
    ["ES", "6380CCS"],
    ["NL", "56JTT5"],
    ["DE", "MUAB1234"],
    ["AT", "W12345X"],
    ["US", "6TDS836"],
    ["TH", "1กข1234"],
    ["RO", "B123ABC"],
    ["BR", "BRA2E19"],
    ["VN", "51F12345"],
    ["IN", "MH12AB1234"],
  ];
  for (const [region, text] of known) {
    it(`knows ${text} as ${region}`, () => assert.deepEqual(regionsOf(text, [region]), [region]));
  }

  it("has formats of 50 countries or more, all of which compile", () => {
    assert.ok(FORMAT_REGIONS.length >= 50);
    assert.throws(() => compileFormat("AB-1"), RangeError);
  });

  it("prefers an alternative that fits", () => {
    const ranked = rankByFormat(read("A.95", "B.95", "I.5/1.45", "2.9", "C.9", "D.9", "E.9"), [
      "GB",
    ]);
    assert.equal(ranked.text, "AB12CDE");
    assert.equal(ranked.changed, 1);
    assert.equal(ranked.region, "GB");
    assert.equal(ranked.characters[2]?.alternatives[0]?.char, "I");
  });

  it("never overrides a confident character", () => {
    const ranked = rankByFormat(read("A.95", "B.95", "I.85/1.8", "2.9", "C.9", "D.9", "E.9"), [
      "GB",
    ]);
    assert.equal(ranked.text, "ABI2CDE");
    assert.equal(ranked.region, null);
  });

  it("does not take an alternative that the reader hardly believed", () => {
    const ranked = rankByFormat(read("A.9", "B.9", "I.7/1.05", "2.9", "C.9", "D.9", "E.9"), ["GB"]);
    assert.equal(ranked.text, "ABI2CDE");
  });

  it("changes nothing without regions or with unknown ones", () => {
    const characters = read("I.4/1.4");
    assert.equal(rankByFormat(characters, []).text, "I");
    assert.equal(rankByFormat(characters, ["nowhere"]).text, "I");
  });

  it("never touches a confident character, whatever the read and region", () => {
    const alternative = fc.record({
      char: fc.constantFrom(..."AB01OI8"),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const character = fc.record({
      char: fc.constantFrom(..."AB01OI8"),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
      alternatives: fc.array(alternative, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(character, { maxLength: 9 }),
        fc.subarray([...FORMAT_REGIONS]),
        (characters, regions) => {
          const ranked = rankByFormat(characters, regions);
          assert.equal(ranked.characters.length, characters.length);
          characters.forEach((before, i) => {
            const after = ranked.characters[i];
            if (before.confidence >= 0.8) assert.equal(after?.char, before.char);
            const named = [before, ...before.alternatives].map((option) => option.char);
            assert.ok(named.includes(after?.char ?? ""));
          });
        },
      ),
    );
  });
});
