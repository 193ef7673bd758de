import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_PLATE_LENGTH, normalisePlate } from "../../core/plates/normalise";

describe("normalisePlate", () => {
  const cases: [string, string, string][] = [
    ["lower case and separators", " ab-12 cd ", "AB12CD"],
    ["full width", "ＡＢ－１２３", "AB123"],
    ["Cyrillic look-alikes", "а123вс77", "A123BC77"],
    ["Greek look-alikes", "ΙΚΧ-1234", "IKX1234"],
    ["accents", "TÜ·AB 123", "TUAB123"],
    ["Thai digits and letters", "๑กข ๑๒๓๔", "1กข1234"],
    ["Thai vowels of a province", "กก 1234 ลำปาง", "กก1234ลำปาง"],
    ["emblems and emoji", "W★12🇦🇹345•X", "W12345X"],
    ["NUL, controls, zero width, direction marks", "A\u0000B\u0007C\u200b\u202e1", "ABC1"],
    ["letters Unicode does not take apart", "øđłß", "ODLSS"],
    ["mathematical and circled letters", "𝐀①", "A1"],
    ["nothing at all", " -·. ", ""],
    ["a lone surrogate", "A\ud800B", "AB"],
    ["Korean", "12가 3456", "12가3456"],
    ["Japanese voicing", "が 12-34", "が1234"],
  ];
  for (const [what, input, wanted] of cases) {
    it(`folds ${what}`, () => assert.equal(normalisePlate(input), wanted));
  }

  it("gives the same when applied twice, whatever the text", () => {
    const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.string());
    fc.assert(
      fc.property(anyText, (text) => {
        const once = normalisePlate(text);
        assert.equal(normalisePlate(once), once);
        assert.ok([...once].length <= MAX_PLATE_LENGTH);
        assert.doesNotMatch(once, /[\p{C}\p{Z}\p{P}\p{S}]/u);
      }),
      { numRuns: 3000 },
    );
  });

  it("does not mind case, width or separators", () => {
    const plate = fc.stringMatching(/^[A-Z0-9]{1,10}$/);
    fc.assert(
      fc.property(plate, fc.constantFrom(" ", "-", "·", ".", "\u00a0"), (text, separator) => {
        const wide = [...text].map((c) => String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0));
        assert.equal(normalisePlate([...text.toLowerCase()].join(separator)), text);
        assert.equal(normalisePlate(wide.join(separator)), text);
      }),
    );
  });

  it("cuts a megabyte short at once", () => {
    assert.equal(normalisePlate("A".repeat(1_000_000)).length, MAX_PLATE_LENGTH);
  });
});
