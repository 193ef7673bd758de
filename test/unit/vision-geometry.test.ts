import assert from "node:assert/strict";
import type { Box, Corners, Point } from "../../core/messages";
import {
  boxOf,
  clipBox,
  cornersOf,
  growCorners,
  insidePolygon,
  iou,
  minAreaRect,
  project,
  rectToQuad,
} from "../../core/vision/geometry";
import { suppress, wanted } from "../../core/vision/nms";
import { parseZones, regionOfZones, zonesIn } from "../../core/vision/zones";
import { decodeDetections } from "../../core/vision/detector";
import { fitWithin, isWhole, padded, tilesOf } from "../../core/vision/tiles";

const near = (a: readonly number[], b: readonly number[], eps = 1e-6): void => {
  assert.equal(a.length, b.length);
  a.forEach((v, i) => assert.ok(Math.abs(v - (b[i] ?? NaN)) < eps, `${a.join()} != ${b.join()}`));
};

describe("vision geometry", () => {
  const quad: Corners = [
    [10, 20],
    [110, 10],
    [130, 70],
    [5, 60],
  ];

  it("maps a rectangle onto a quadrilateral and its corners onto its corners", () => {
    const h = rectToQuad(200, 50, quad);
    const corners: [Point, Point][] = [
      [[0, 0], quad[0]],
      [[200, 0], quad[1]],
      [[200, 50], quad[2]],
      [[0, 50], quad[3]],
    ];
    for (const [from, to] of corners) near(project(h, ...from), to);
    // straight lines stay straight: the middle of the diagonals is the crossing of the quad's diagonals
    const [x, y] = project(h, 100, 25);
    const cross = (a: Point, b: Point): number =>
      (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
    near([cross(quad[0], quad[2]), cross(quad[1], quad[3])], [0, 0], 1e-6);
  });

  it("grows corners along the plate's own sides", () => {
    near(boxOf(growCorners(cornersOf([10, 10, 100, 20]), 0.1, 0.5)), [0, 0, 120, 40]);
    assert.deepEqual(growCorners(quad, 0, 0), quad);
  });

  it("clips, overlaps and contains", () => {
    assert.deepEqual(clipBox([-5, -5, 20, 20], 10, 8), [0, 0, 10, 8]);
    assert.deepEqual(clipBox([20, 2, 5, 5], 10, 10), [10, 2, 0, 5]);
    near([iou([0, 0, 10, 10], [5, 0, 10, 10])], [1 / 3]);
    assert.equal(iou([0, 0, 10, 10], [20, 20, 5, 5]), 0);
    const hole: Point[] = [
      [0, 0],
      [10, 0],
      [10, 10],
      [5, 5],
      [0, 10],
    ];
    assert.equal(insidePolygon([5, 2], hole), true);
    assert.equal(insidePolygon([5, 9], hole), false);
  });

  it("finds the least rectangle around a turned one, in reading order", () => {
    for (const degrees of [-40, -10, 0, 20, 44]) {
      const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
      const at = (u: number, v: number): Point => [50 + u * c - v * s, 60 + u * s + v * c];
      const points: Point[] = [];
      for (let u = -20; u <= 20; u += 5) for (let v = -6; v <= 6; v += 3) points.push(at(u, v));
      const rect = minAreaRect(points);
      assert.ok(rect);
      near(rect.flat(), [at(-20, -6), at(20, -6), at(20, 6), at(-20, 6)].flat(), 1e-6);
    }
    assert.equal(minAreaRect([[1, 1]]), null);
  });
});

describe("detections", () => {
  const det = (box: Box, confidence: number) => ({ box, corners: null, confidence });

  it("keeps the best of overlapping boxes, and drops parts of better ones", () => {
    const kept = suppress(
      [
        det([0, 0, 100, 30], 0.6),
        det([2, 1, 100, 30], 0.9),
        det([10, 5, 30, 20], 0.5),
        det([200, 0, 90, 30], 0.4),
      ],
      0.45,
    );
    assert.deepEqual(
      kept.map((k) => k.confidence),
      [0.9, 0.4],
    );
  });

  it("leaves out what is unsure, narrow or outside the zones", () => {
    const all = [det([0, 0, 100, 30], 0.6), det([0, 0, 10, 3], 0.9), det([300, 0, 90, 30], 0.9)];
    const zone: Point[] = [
      [0, 0],
      [200, 0],
      [200, 100],
      [0, 100],
    ];
    assert.deepEqual(wanted(all, { minWidth: 20, zones: [zone] }), [all[0]]);
    assert.deepEqual(wanted(all, { minConfidence: 0.7 }), [all[1], all[2]]);
  });

  it("decodes rows of our detector into frame pixels", () => {
    const row = [0.9, 10, 20, 50, 30, 11, 21, 49, 20, 50, 29, 10, 30];
    const bent = [0.8, 10, 20, 50, 30, 11, 21, 10, 30, 50, 29, 49, 20];
    const output = Float32Array.from([...row, ...bent, 0.1, ...row.slice(1)]);
    const input = { width: 100, height: 50 };
    const frame = { width: 1000, height: 800 };
    const found = decodeDetections(output, [200, 100, 200, 100], input, frame, 0.5);
    assert.equal(found.length, 2);
    near(found[0]?.box ?? [], [220, 140, 80, 20], 1e-3);
    near(found[0]?.corners?.flat() ?? [], [222, 142, 298, 140, 300, 158, 220, 160], 1e-3);
    assert.equal(found[1]?.corners, null, "corners that cross themselves are not believed");
    const none = Float32Array.from([NaN, ...row.slice(1)]);
    assert.deepEqual(decodeDetections(none, [0, 0, 10, 10], input, frame, 0), []);
  });

  it("covers a region with overlapping tiles of bounded number", () => {
    const tiles = tilesOf([100, 0, 1920, 1080], 768);
    assert.ok(tiles.length <= 12);
    for (const [x, y] of [
      [100, 0],
      [2019, 1079],
      [1000, 500],
    ] as const) {
      const hit = tiles.some((t) => x >= t[0] && y >= t[1] && x <= t[0] + t[2] && y <= t[1] + t[3]);
      assert.ok(hit, `${x},${y}`);
    }
    assert.ok(tilesOf([0, 0, 20_000, 20_000], 640).length <= 12);
    assert.deepEqual(tilesOf([0, 0, 100, 50], 640), [[0, 0, 100, 50]]);
    const region: Box = [0, 0, 1000, 500];
    assert.equal(isWhole([0, 10, 50, 20], [0, 0, 600, 500], region), true);
    assert.equal(isWhole([560, 10, 40, 20], [0, 0, 600, 500], region), false);
    assert.equal(isWhole([401, 10, 40, 20], [400, 0, 600, 500], region), false);
    assert.deepEqual(fitWithin(1920, 1080, 768, 2), { width: 768, height: 432 });
    assert.deepEqual(fitWithin(100, 50, 768, 2), { width: 200, height: 100 });
    const small = padded({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3) }, 2);
    assert.deepEqual([...small.data], [1, 2, 3, ...Array<number>(9).fill(114)]);
  });
});

describe("zones", () => {
  it("reads pixels and fractions", () => {
    const zones = parseZones("[[0,0],[1,0],[1,0.5]]");
    assert.deepEqual(zonesIn(zones, 200, 100), [
      [
        [0, 0],
        [200, 0],
        [200, 50],
      ],
    ]);
    const pixels = parseZones("[[[0,0],[100,0],[100,80]]]");
    assert.deepEqual(zonesIn(pixels, 5, 5), pixels.polygons);
    assert.deepEqual(regionOfZones(pixels.polygons, 200, 200), [0, 0, 110, 88]);
    assert.deepEqual(regionOfZones([], 200, 100), [0, 0, 200, 100]);
    assert.deepEqual(parseZones(" ").polygons, []);
  });

  it("refuses what is no polygon", () => {
    for (const bad of [
      "{",
      "5",
      "[[[0,0],[1,1]]]",
      '[[["a",0],[1,1],[2,2]]]',
      "[[[-1,0],[1,1],[2,2]]]",
    ]) {
      assert.throws(() => parseZones(bad), /zones/);
    }
  });
});
