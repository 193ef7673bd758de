import assert from "node:assert/strict";
import type { CharacterRead } from "../../core/messages";
import { rankByPattern } from "../../core/vision/pattern-prior";

const SHARES = { AAA9999: 0.1, AAA9A99: 0.02, AA99AAA: 0.03, "999AAA": 0.02 };

/** A sure character, or a doubtful one as "B0.6/80.3": B at 0.6, or 8 at 0.3. */
function read(...parts: string[]): CharacterRead[] {
  return parts.map((part) => {
    const [first = "", second] = part.split("/");
    const alternatives = second ? [{ char: second.slice(0, 1), confidence: +second.slice(1) }] : [];
    const confidence = first.length > 1 ? +first.slice(1) : 0.99;
    return { char: first.slice(0, 1), confidence, alternatives };
  });
}

const text = (characters: CharacterRead[]): string => characters.map((c) => c.char).join("");

describe("what a plate is made up of", () => {
  it("settles a doubtful letter where digits stand", () => {
    const ranked = rankByPattern(read("A", "R", "Q", "9", "4", "B0.55/80.4", "2"), SHARES);
    assert.equal(text(ranked), "ARQ9482");
    const confidence = ranked[5]?.confidence ?? 0;
    assert.ok(confidence > 0.6 && confidence < 0.95, String(confidence));
    const before = ranked[5]?.alternatives[0];
    assert.equal(before?.char, "B");
    assert.ok(Math.abs(confidence + (before?.confidence ?? 0) - 0.95) < 1e-9);
  });

  it("settles several at once", () => {
    const ranked = rankByPattern(read("V", "00.5/O0.45", "O0.5/00.45", "3", "G", "T", "Y"), SHARES);
    assert.equal(text(ranked), "VO03GTY");
  });

  it("never changes a character the reader is sure of", () => {
    const sure = read("A", "R", "Q", "9", "4", "B0.91/80.09", "2");
    assert.deepEqual(rankByPattern(sure, SHARES), sure);
  });

  it("changes nothing to a character the reader hardly thought of", () => {
    const unlikely = read("A", "R", "Q", "9", "4", "B0.85/80.002", "2");
    assert.equal(text(rankByPattern(unlikely, SHARES)), "ARQ94B2");
  });

  it("leaves texts alone of which no make-up is known, none fits, or too much is in doubt", () => {
    const short = read("B0.5/80.45", "8");
    assert.deepEqual(rankByPattern(short, SHARES), short);
    assert.deepEqual(rankByPattern([], SHARES), []);
    const vague = read(...Array.from({ length: 7 }, () => "B0.5/80.45"));
    assert.deepEqual(rankByPattern(vague, SHARES), vague);
  });

  it("is quick for a long row of nonsense", () => {
    const long = read(...Array.from({ length: 40 }, (_, i) => (i < 6 ? "B0.5/80.45" : "8")));
    assert.equal(rankByPattern(long, SHARES).length, 40);
  });
});
