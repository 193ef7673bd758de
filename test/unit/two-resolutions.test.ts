import assert from "node:assert/strict";
import sharp from "sharp";
import { createVisionService } from "../../adapters/vision/service";
import type { Detection, Read } from "../../core/messages";
import type { PixelFrame, VisionService } from "../../core/vision/ports";
import { readInHigh } from "../../core/vision/two-resolutions";
import { type DrawnPlate, i420Frame, scene } from "../fixtures/draw";

const PLATES: DrawnPlate[] = [
  { text: "KX73 BTR", x: 300, y: 500, w: 200, h: 46 },
  { text: "AB12 CDE", x: 900, y: 300, w: 190, h: 44 },
];
/** The high frame is this many times as large. */
const TIMES = 8;

describe("reading in a second resolution", function () {
  this.timeout(120_000);
  let vision: VisionService;
  let low: PixelFrame;

  before(async () => {
    vision = createVisionService({ engine: "ppocr", workers: 1 });
    await vision.ready();
    const small = await scene(1280, 720, PLATES).png().toBuffer();
    low = await i420Frame("low", sharp(small).resize(1280 / TIMES, 720 / TIMES));
  });
  after(() => vision.close());

  /** Where the plates are in the low frame. */
  const places = (): Detection[] =>
    PLATES.map(({ x, y, w, h }) => ({
      box: [x / TIMES, y / TIMES, w / TIMES, h / TIMES],
      corners: null,
      confidence: 0.9,
    }));
  const texts = (reads: Read[]): string[] => reads.map((r) => (r.readable ? r.text : "-"));

  it("reads what is too small in the low frame, although the car has moved on", async () => {
    const detections = places();
    assert.doesNotMatch(texts(await vision.read(low, detections)).join(), /KX73BTR|AB12CDE/);
    const moved = PLATES.map((plate) => ({ ...plate, x: plate.x + 60, y: plate.y + 40 }));
    const high = await i420Frame("high", scene(1280, 720, moved));
    const reads = await readInHigh(vision, low, high, detections, {});
    assert.deepEqual(texts(reads), ["KX73BTR", "AB12CDE"]);
    assert.deepEqual(
      reads.map((r) => r.detection),
      detections,
    );
    assert.ok(reads.every((r) => r.frameId === "low"));
  });

  it("keeps the order where one plate is not in the high frame", async () => {
    const high = await i420Frame("high", scene(1280, 720, PLATES.slice(1)));
    const reads = await readInHigh(vision, low, high, places(), {});
    assert.equal(reads.length, 2);
    assert.equal(reads[1]?.text, "AB12CDE");
    assert.notEqual(reads[0]?.text, "KX73BTR");
  });
});
