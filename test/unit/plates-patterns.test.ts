import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_CONFUSABLES } from "../../core/plates/confusables";
import { compilePattern } from "../../core/plates/patterns";

describe("wildcard patterns", () => {
  const yes: [string, string][] = [
    ["ab*", "AB1234"],
    ["ab*", "AB"],
    ["*34", "AB1234"],
    ["a?1-23?", "AB1234"],
    ["*B*3*", "AB1234"],
    ["*", "X"],
    ["กข*", "กข1234"],
    ["＊３４", "AB34"],
  ];
  const no: [string, string][] = [
    ["ab*", "A8123"],
    ["ab?", "AB"],
    ["ab", "ABC"],
    ["*", ""],
    ["?*?", "A"],
  ];
  for (const [pattern, text] of yes) {
    it(`${pattern} matches ${text}`, () => assert.ok(compilePattern(pattern).matches(text)));
  }
  for (const [pattern, text] of no) {
    it(`${pattern} does not match "${text}"`, () =>
      assert.ok(!compilePattern(pattern).matches(text)));
  }

  it("matches confusables only where asked", () => {
    assert.ok(compilePattern("AB0*", DEFAULT_CONFUSABLES).matches("A8O1"));
    assert.ok(!compilePattern("AB0*").matches("A8O1"));
  });

  it("refuses what says nothing and what is too long", () => {
    for (const bad of ["", " - ", "A".repeat(31), "?".repeat(40)]) {
      assert.throws(() => compilePattern(bad), RangeError);
    }
  });

  it("agrees with a regular expression", () => {
    const pattern = fc.stringMatching(/^[AB1?*]{1,8}$/);
    const text = fc.stringMatching(/^[AB1]{1,10}$/);
    fc.assert(
      fc.property(pattern, text, (source, plate) => {
        const regex = new RegExp(
          `^${source.replace(/\*+/g, "*").replace(/\?/g, ".").replace(/\*/g, ".*")}$`,
        );
        assert.equal(compilePattern(source).matches(plate), regex.test(plate));
      }),
      { numRuns: 3000 },
    );
  });

  it("keeps the longest pattern and text apart from a sign bit", () => {
    const pattern = compilePattern(`${"A".repeat(29)}?*`);
    assert.ok(pattern.matches("A".repeat(30)));
    assert.ok(pattern.matches("A".repeat(32)));
    assert.ok(!pattern.matches("A".repeat(29)));
    assert.ok(!pattern.matches("A".repeat(33)));
  });
});
