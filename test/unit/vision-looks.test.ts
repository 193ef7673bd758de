import assert from "node:assert/strict";
import type { CharacterRead, Corners } from "../../core/messages";
import { surestLook } from "../../core/vision/looks";

const box: [number, number, number, number] = [10, 20, 100, 30];
const corners: Corners = [
  [12, 22],
  [108, 24],
  [107, 49],
  [11, 47],
];

/** A reader that is as sure as told at each look, and what it was shown; each look reads another text. */
function reader(...confidences: number[]) {
  return readerOf(...confidences.map((c, i): [string, number] => ["ABCD"[i] ?? "", c]));
}

function readerOf(...reads: [string, number][]) {
  const seen: Corners[] = [];
  const read = (shown: Corners): Promise<{ characters: CharacterRead[]; look: number }> => {
    const look = seen.push(shown) - 1;
    const [char, confidence] = reads[look] ?? ["", 0];
    return Promise.resolve({ look, characters: [{ char, confidence, alternatives: [] }] });
  };
  return { seen, read };
}

describe("looks at a plate", () => {
  it("takes one look where that is sure", async () => {
    const { seen, read } = reader(0.96);
    assert.equal((await surestLook({ corners, box }, read)).look, 0);
    assert.deepEqual(seen, [corners]);
  });

  it("looks at the upright box where the corners leave doubt", async () => {
    const { seen, read } = reader(0.5, 0.8);
    assert.equal((await surestLook({ corners, box }, read)).look, 1);
    assert.deepEqual(seen[1]?.[2], [110, 50]);
    const worse = reader(0.5, 0.4);
    assert.equal((await surestLook({ corners, box }, worse.read)).look, 0);
  });

  it("takes the corners found from nearer before the box, where there are any", async () => {
    const close: Corners = [
      [20, 24],
      [100, 26],
      [99, 46],
      [19, 44],
    ];
    const agreeing = readerOf(["A", 0.4], ["A", 0.6]);
    const near = (): Promise<Corners> => Promise.resolve(close);
    assert.equal((await surestLook({ corners, box }, agreeing.read, near)).look, 1);
    assert.deepEqual(agreeing.seen, [corners, close]);
    const unsure = reader(0.5, 0.6, 0.7);
    assert.equal((await surestLook({ corners, box }, unsure.read, near)).look, 2);
    assert.deepEqual(unsure.seen[2]?.[2], [110, 50]);
    const unseen = reader(0.5, 0.8);
    const nowhere = (): Promise<null> => Promise.resolve(null);
    assert.equal((await surestLook({ corners, box }, unseen.read, nowhere)).look, 1);
    assert.equal(unseen.seen.length, 2);
  });

  it("takes the text that most looks support, as the surest of them read it", async () => {
    const near = (): Promise<Corners> => Promise.resolve(corners);
    const two = readerOf(["A", 0.7], ["B", 0.8], ["A", 0.6]);
    assert.equal((await surestLook({ corners, box }, two.read, near)).look, 0);
    const one = readerOf(["A", 0.4], ["B", 0.9], ["A", 0.45]);
    assert.equal((await surestLook({ corners, box }, one.read, near)).look, 1);
  });

  it("turns a box without corners either way, about its middle, until it is sure", async () => {
    const { seen, read } = reader(0.5, 0.4, 0.7);
    assert.equal((await surestLook({ corners: null, box }, read)).look, 2);
    assert.equal(seen.length, 3);
    const [left = [0, 0], right = [0, 0]] = [seen[1]?.[0], seen[1]?.[1]];
    assert.ok(right[1] - left[1] > 8 && right[1] - left[1] < 9);
    const middle = (at: number): number =>
      (seen[1] ?? []).reduce((sum, p) => sum + (p[at] ?? 0), 0) / 4;
    assert.ok(Math.abs(middle(0) - 60) < 1e-9 && Math.abs(middle(1) - 35) < 1e-9);
    const near = readerOf(["A", 0.5], ["A", 0.9]);
    await surestLook({ corners: null, box }, near.read, () => Promise.resolve(corners));
    assert.deepEqual(near.seen[1], corners);
    const early = readerOf(["A", 0.5], ["A", 0.92]);
    assert.equal((await surestLook({ corners: null, box }, early.read)).look, 1);
    assert.equal(early.seen.length, 2);
  });
});
