import assert from "node:assert/strict";
import { type Found, searchPlates } from "../../adapters/vision/search";
import type { NearView, PlateFinder } from "../../adapters/onnx/models";
import type { Box, Detection, Read } from "../../core/messages";
import { RgbSource } from "../../core/vision/raster";
import { isToldByText } from "../../core/vision/second-look";

const picture = new RgbSource(400, 300, new Uint8Array(400 * 300 * 3));

/** A finder that is so sure of boxes side by side at the first look, and so sure from nearer. */
function finderOf(looks: [first: number, nearer: number][], doubtfulFrom?: number) {
  const at = (i: number): Box => [10 + 60 * i, 20, 50, 15];
  const asked: NearView[] = [];
  const finder: PlateFinder = {
    id: "",
    version: "",
    inputSide: 960,
    nmsIou: 0.45,
    doubtfulFrom,
    find: (_source, _region, least = 0.75) =>
      Promise.resolve(
        looks
          .map(([confidence], i) => ({ box: at(i), corners: null, confidence }))
          .filter((d) => d.confidence >= least),
      ),
    nearer: (_source, box, view) => {
      asked.push(view);
      const confidence = looks.find((_l, i) => at(i)[0] === box[0])?.[1] ?? 0;
      return Promise.resolve(confidence > 0 ? { box, corners: null, confidence } : null);
    },
    release: () => Promise.resolve(),
  };
  return { finder, asked };
}

const sure = (found: Detection[]): number[] => found.map((d) => +d.confidence.toFixed(2));
const both = ({ plates, doubtful }: Found): number[][] => [sure(plates), sure(doubtful)];

describe("looking for plates a second time", () => {
  it("looks again at what the first look leaves in doubt, and takes the mean", async () => {
    const { finder, asked } = finderOf([[0.97, 0.1], [0.5, 0.9], [0.9, 0.2], [0.1, 1]], 0.2); // prettier-ignore
    assert.deepEqual(both(await searchPlates(finder, picture, {})), [[0.97, 0.7], [0.55]]);
    assert.deepEqual(asked, ["around", "around"], "not at the sure one, nor at what is none");
  });

  it("counts what is not seen from nearer as nothing", async () => {
    const { finder } = finderOf([[0.9, 0]], 0.2);
    assert.deepEqual(both(await searchPlates(finder, picture, {})), [[], [0.45]]);
  });

  it("looks once where a minimum is asked for, or the finder decides with one look", async () => {
    const asked = finderOf([[0.5, 0.9], [0.3, 0.9]], 0.2); // prettier-ignore
    const found = await searchPlates(asked.finder, picture, { minConfidence: 0.4 });
    assert.deepEqual(both(found), [[0.5], []]);
    const road = finderOf([[0.8, 0.1]]);
    assert.deepEqual(both(await searchPlates(road.finder, picture, {})), [[0.8], []]);
    assert.deepEqual([...asked.asked, ...road.asked], []);
  });

  it("looks a bounded number of times, at the best first", async () => {
    const { finder, asked } = finderOf([[0.3, 1], [0.35, 1], [0.4, 1], [0.44, 1], [0.5, 1], [0.56, 1]], 0.2); // prettier-ignore
    const { plates } = await searchPlates(finder, picture, {});
    assert.deepEqual([asked.length, sure(plates)], [4, [0.78, 0.75, 0.72, 0.7]]);
  });

  it("takes a text with a digit for a plate, and lettering not", () => {
    const read = { readable: true, confidence: 0.8, text: "AB12CDE" } as Read;
    assert.ok(isToldByText(read));
    assert.ok(!isToldByText({ ...read, text: "REPAY" }));
    assert.ok(!isToldByText({ ...read, text: "A1" }));
    assert.ok(!isToldByText({ ...read, confidence: 0.4 }));
    assert.ok(!isToldByText({ ...read, readable: false }));
  });
});
