import assert from "node:assert/strict";
import sharp from "sharp";
import { growCorners, rectToQuad } from "../../core/vision/geometry";
import { I420Source, type Rgb, RgbSource, toRgb } from "../../core/vision/raster";
import { toI420 } from "../../cli/bench/i420";
import { cornersOfDrawn, type DrawnPlate, scene } from "../fixtures/draw";

const PLATE: DrawnPlate = { text: "AB12CDE", x: 120, y: 90, w: 160, h: 40, angle: 12 };

/** Mean absolute difference per channel. */
function difference(a: Rgb, b: Rgb): number {
  assert.equal(`${a.width}x${a.height}`, `${b.width}x${b.height}`);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs((a.data[i] ?? 0) - (b.data[i] ?? 0));
  return sum / a.data.length;
}

async function pixels(picture: sharp.Sharp): Promise<RgbSource> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  return new RgbSource(info.width, info.height, data);
}

describe("vision raster", () => {
  it("shrinks like an area average and grows like cubic interpolation", async () => {
    const source = await pixels(scene(400, 240, [PLATE]));
    const ramp = new RgbSource(4, 1, Uint8Array.of(0, 0, 0, 40, 40, 40, 80, 80, 80, 120, 120, 120));
    assert.deepEqual([...ramp.resize([0, 0, 4, 1], 2, 1).data], [20, 20, 20, 100, 100, 100]);
    const greys = [0, 40, 80, 200, 120];
    const five = new RgbSource(5, 1, Uint8Array.from(greys.flatMap((g) => [g, g, g])));
    // what OpenCV's INTER_CUBIC makes of the same five
    const cubic = [0, 8, 27, 49, 60, 114, 183, 195, 142, 112];
    const grown = [...five.resize([0, 0, 5, 1], 10, 1).data].filter((_, i) => i % 3 === 0);
    grown.forEach((g, i) => assert.ok(Math.abs(g - (cubic[i] ?? 0)) <= 1, grown.join()));
    const part = source.resize([100, 60, 200, 120], 100, 60);
    const raw = { width: 400, height: 240, channels: 3 as const };
    const reference = await pixels(
      sharp(source.data, { raw })
        .extract({ left: 100, top: 60, width: 200, height: 120 })
        .resize(100, 60, { kernel: "linear", fit: "fill" }),
    );
    assert.ok(difference(part, reference) < 6);
    const whole = source.resize([0, 0, 400, 240], 400, 240);
    assert.deepEqual(Buffer.from(whole.data), Buffer.from(source.data));
  });

  it("samples i420 as it samples RGB, also with odd sizes", async () => {
    for (const [w, h] of [
      [400, 240],
      [401, 239],
    ] as const) {
      const rgb = await pixels(scene(w, h, [PLATE]));
      const i420 = new I420Source(w, h, toI420(rgb.data, w, h));
      assert.ok(difference(toRgb(i420), toRgb(rgb)) < 3);
      const box: [number, number, number, number] = [33, 21, 300, 180];
      assert.ok(difference(i420.resize(box, 150, 90), rgb.resize(box, 150, 90)) < 3);
      const map = rectToQuad(128, 32, cornersOfDrawn(PLATE));
      assert.ok(difference(i420.warp(map, 128, 32, 2), rgb.warp(map, 128, 32, 2)) < 4);
    }
    assert.throws(() => new I420Source(10, 10, new Uint8Array(100)), RangeError);
  });

  it("halves i420 to the mean of four, and tells its colours as BT.601 has them", () => {
    const [w, h] = [64, 48];
    const data = Uint8Array.from({ length: (w * h * 3) / 2 }, (_, i) => (i * 7919 + i * i) % 256);
    const at = (i: number): number => data[i] ?? 0;
    // from the second pair of rows and columns on, at half its size
    const halved = new I420Source(w, h, data).resize([2, 2, w - 4, h - 4], w / 2 - 2, h / 2 - 2);
    const clamp = (value: number): number => Math.min(255, Math.max(0, value));
    for (let row = 0, o = 0; row < halved.height; row++) {
      for (let column = 0; column < halved.width; column++, o += 3) {
        const first = (2 * row + 2) * w + 2 * column + 2;
        const four = at(first) + at(first + 1) + at(first + w) + at(first + w + 1);
        const chroma = w * h + (row + 1) * (w / 2) + column + 1;
        const light = 1.164384 * (Math.floor((four + 2) / 4) - 16);
        const [u, v] = [at(chroma) - 128, at(chroma + (w * h) / 4) - 128];
        const wanted = [
          light + 1.596027 * v,
          light - 0.391762 * u - 0.812968 * v,
          light + 2.017232 * u,
        ];
        wanted.forEach((value, k) => {
          const off = Math.abs((halved.data[o + k] ?? NaN) - clamp(value));
          assert.ok(off <= 0.51, `${row}, ${column}: ${off}`);
        });
      }
    }
  });

  it("rectifies a turned plate to what it looks like straight on", async () => {
    const turned = await pixels(scene(400, 240, [PLATE]));
    const straight = await pixels(scene(400, 240, [{ ...PLATE, angle: 0 }]));
    const over = 2;
    const seen = turned.warp(rectToQuad(160, 40, cornersOfDrawn(PLATE)), 160, 40, over);
    const wanted = straight.resize([PLATE.x, PLATE.y, PLATE.w, PLATE.h], 160, 40);
    const off = turned.warp(
      rectToQuad(160, 40, cornersOfDrawn({ ...PLATE, x: 126 })),
      160,
      40,
      over,
    );
    assert.ok(difference(seen, wanted) < 8, `${difference(seen, wanted)}`);
    assert.ok(difference(off, wanted) > 3 * difference(seen, wanted));
  });

  it("repeats the edge beyond the picture", () => {
    const one = new RgbSource(1, 1, Uint8Array.of(7, 8, 9));
    const corners = growCorners(
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
      2,
      2,
    );
    const out = one.warp(rectToQuad(4, 4, corners), 4, 4, 1);
    assert.deepEqual([...new Set(out.data)], [7, 8, 9]);
  });
});
