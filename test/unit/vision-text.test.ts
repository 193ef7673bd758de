import assert from "node:assert/strict";
import { decodeCtc, rejection, softmax, textConfidence } from "../../core/vision/ctc";
import { textLines } from "../../core/vision/db";
import { boxOf, cornersOf, insidePolygon } from "../../core/vision/geometry";
import type { Box, Corners, Point } from "../../core/messages";
import { isPlateLike, PlateAlphabet } from "../../core/vision/plate-alphabet";
import { plateShaped } from "../../core/vision/plate-shape";
import { editDistance, foldText, matchPlates, share, summarise } from "../../core/vision/metrics";

/** Probabilities of frames given as the class that is surest and how sure. */
function frames(list: [cls: number, p: number, second?: number][], classes = 4) {
  const data = new Float32Array(list.length * classes);
  list.forEach(([cls, p, second], t) => {
    const rest = (1 - p) / (classes - 1);
    for (let c = 0; c < classes; c++) data[t * classes + c] = c === cls ? p : rest;
    if (second !== undefined) {
      for (let c = 0; c < classes; c++) if (c !== cls) data[t * classes + c] = 0;
      data[t * classes + second] = 1 - p;
    }
  });
  return { data, steps: list.length, classes };
}

const text = (p: ReturnType<typeof frames>, breakAt?: number): string =>
  decodeCtc(p, ["A", "B", "8"], breakAt)
    .characters.map((c) => c.char)
    .join("");

describe("CTC", () => {
  it("merges repeats, drops blanks, keeps doubles parted by a blank", () => {
    assert.equal(
      text(
        frames([
          [0, 0.9],
          [1, 0.8],
          [1, 0.9],
          [0, 0.9],
          [1, 0.7],
          [2, 0.9],
        ]),
      ),
      "AAB",
    );
    assert.equal(text(frames([])), "");
  });

  it("gives a character its highest confidence and the alternatives there", () => {
    const [first] = decodeCtc(
      frames([
        [2, 0.6],
        [2, 0.75, 3],
        [0, 0.9],
      ]),
      ["A", "B", "8"],
    ).characters;
    assert.equal(first?.char, "B");
    assert.ok(Math.abs((first?.confidence ?? 0) - 0.75) < 1e-6);
    assert.deepEqual(
      first?.alternatives.map((a) => a.char),
      ["8"],
    );
  });

  it("does not merge across the rows", () => {
    const p = frames([
      [1, 0.9],
      [2, 0.9],
      [2, 0.9],
      [3, 0.9],
    ]);
    assert.equal(text(p), "AB8");
    assert.equal(text(p, 2), "ABB8");
  });

  it("softens by temperature and does not overflow", () => {
    const sharp = softmax(Float32Array.of(1000, 990, 0), 3);
    assert.ok((sharp[0] ?? 0) > 0.9999 && !sharp.some(Number.isNaN));
    const soft = softmax(Float32Array.of(1000, 990, 0), 3, 10);
    assert.ok((soft[0] ?? 0) > 0.7 && (soft[0] ?? 0) < 0.74);
  });

  it("multiplies confidences and says why a read is declined", () => {
    const chars = (list: number[]) =>
      list.map((confidence) => ({ char: "A", confidence, alternatives: [] }));
    assert.ok(Math.abs(textConfidence(chars([0.5, 0.5])) - 0.25) < 1e-9);
    assert.equal(textConfidence([]), 0);
    const rules = { mean: 0.7, min: 0.3, minLength: 2, maxLength: 4 };
    assert.equal(rejection([], rules), "no_text");
    assert.equal(rejection(chars([0.9]), rules), "too_short");
    assert.equal(rejection(chars([0.9, 0.9, 0.9, 0.9, 0.9]), rules), "too_long");
    assert.equal(rejection(chars([0.6, 0.6]), rules), "low_confidence");
    assert.equal(rejection(chars([0.99, 0.99, 0.2]), rules), "unsure_character");
    assert.equal(rejection(chars([0.9, 0.8]), rules), null);
  });
});

describe("DB text lines", () => {
  /** A map with a shrunk text region inside each quad. */
  function mapOf(quads: Corners[], value = 0.9, w = 320, h = 160): Float32Array {
    const map = new Float32Array(w * h);
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        if (quads.some((q) => insidePolygon([x + 0.5, y + 0.5], q))) map[y * w + x] = value;
      }
    }
    return map;
  }
  const turned = (cx: number, cy: number, w: number, h: number, degrees: number): Corners => {
    const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const at = (u: number, v: number): Point => [cx + u * c - v * s, cy + u * s + v * c];
    return [at(-w / 2, -h / 2), at(w / 2, -h / 2), at(w / 2, h / 2), at(-w / 2, h / 2)];
  };

  it("finds each region, turned as it is, and grows it", () => {
    const quads = [turned(80, 50, 80, 14, 8), turned(240, 110, 70, 12, -15)];
    const lines = textLines(mapOf(quads), 320, 160);
    assert.equal(lines.length, 2);
    lines.forEach((line, i) => {
      const [x, y, w] = boxOf(line.corners);
      const [cx, cy, cw] = boxOf(quads[i] ?? quads[0] ?? cornersOf([0, 0, 1, 1]));
      assert.ok(Math.abs(x + w / 2 - (cx + cw / 2)) < 2 && y < cy && w > cw + 8);
      assert.ok(line.score > 0.8);
    });
    const [tl, tr] = lines[0]?.corners ?? [];
    const slope = Math.atan2((tr?.[1] ?? 0) - (tl?.[1] ?? 0), (tr?.[0] ?? 0) - (tl?.[0] ?? 0));
    assert.ok(Math.abs((slope * 180) / Math.PI - 8) < 2);
  });

  it("leaves out what is faint or tiny", () => {
    assert.deepEqual(textLines(mapOf([turned(80, 50, 80, 14, 0)], 0.25), 320, 160), []);
    assert.deepEqual(textLines(mapOf([turned(80, 50, 80, 14, 0)], 0.4), 320, 160), []);
    assert.deepEqual(textLines(mapOf([turned(80, 50, 1, 1, 0)]), 320, 160), []);
  });

  it("keeps plate shapes, joins groups and stacks rows", () => {
    const line = (box: Box) => ({ corners: cornersOf(box), score: 0.9 });
    const one = plateShaped([line([10, 10, 120, 28])]);
    assert.deepEqual([one.length, one[0]?.rows], [1, 1]);
    assert.deepEqual(plateShaped([line([10, 10, 600, 20]), line([10, 80, 15, 40])]), []);
    const groups = plateShaped([line([80, 11, 50, 28]), line([10, 10, 55, 28])]);
    assert.equal(groups.length, 1);
    const [x, , w, h] = boxOf(groups[0]?.corners ?? cornersOf([0, 0, 1, 1]));
    assert.ok(Math.abs(x - 10) < 2 && Math.abs(w - 120) < 3 && Math.abs(h - 29) < 3);
    const stacked = plateShaped([line([20, 52, 90, 40]), line([10, 10, 110, 40])]);
    assert.equal(stacked.length, 1);
    assert.equal(stacked[0]?.rows, 2);
  });
});

describe("plate alphabet", () => {
  it("counts lower case for upper, drops separators, leaves other scripts out", () => {
    const alphabet = new PlateAlphabet(["a", "A", "-", "京"], 1);
    const p = alphabet.narrow(
      Float32Array.of(0.1, 0.3, 0.3, 0.1, 0.2, 0, 0.1, 0, 0.8, 0.1, 0.2, 0.3, 0, 0, 0.5),
    );
    const { characters } = decodeCtc(p, alphabet.symbols);
    assert.equal(characters.map((c) => c.char).join(""), "AA");
    assert.ok(Math.abs((characters[0]?.confidence ?? 0) - 0.75) < 1e-6);
  });

  it("takes for a plate what has digits and a plate's length", () => {
    for (const yes of ["AB12CDE", "1234", "KA01AC5957"]) assert.ok(isPlateLike(yes), yes);
    for (const no of ["TAXI", "AB1", "WWW24SHOPDE"]) assert.ok(!isPlateLike(no), no);
  });
});

describe("accuracy figures", () => {
  it("matches each plate once and counts the rest as extra", () => {
    const truth = { box: [0, 0, 100, 30] as Box, text: "AB1" };
    const good = { box: [2, 0, 100, 30] as Box, text: "AB1", confidence: 0.9 };
    const twice = { box: [20, 0, 100, 30] as Box, text: "AB1", confidence: 0.8 };
    const { matches, extra } = matchPlates([truth], [twice, good]);
    assert.equal(matches[0]?.found, good);
    assert.deepEqual(extra, [twice]);
  });

  it("sums up recall, precision, exact reads and edits", () => {
    const box: Box = [0, 0, 100, 30];
    const far: Box = [300, 300, 60, 20];
    const found = (text: string) => ({ box, text, confidence: 1 });
    const scores = [
      { file: "a", ...matchPlates([{ box, text: "AO1" }], [found("A01")]) },
      {
        file: "b",
        ...matchPlates(
          [
            { box, text: "XYZ1" },
            { box: far, text: "Q" },
          ],
          [found("XYZ1")],
        ),
      },
      { file: "c", ...matchPlates([], [found("NO")]) },
    ];
    const s = summarise(scores);
    assert.equal(s.detection[0]?.recall.hits, 2);
    assert.equal(s.detection[0]?.recall.of, 3);
    assert.equal(s.detection[0]?.precision.of, 3);
    assert.deepEqual([s.exact.hits, s.folded.hits, s.exact.of], [1, 2, 3]);
    assert.deepEqual(s.alarms, { pictures: 1, found: 1 });
    assert.ok(Math.abs(s.cer - 2 / 8) < 1e-9);
    assert.equal(editDistance("ABC", "ACD"), 2);
    assert.equal(foldText("OI0"), "010");
    const half = share(5, 10);
    assert.ok(half.low > 0.23 && half.low < 0.24 && half.high > 0.76 && half.high < 0.77);
  });
});
