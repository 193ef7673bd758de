import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { createVisionService, PooledVision } from "../../adapters/vision/service";
import { modelsFolder } from "../../adapters/onnx/manifest";
import type { PixelFrame } from "../../core/vision/ports";
import {
  cornersOfDrawn,
  type DrawnPlate,
  encodedFrame,
  i420Frame,
  rgbFrame,
  scene,
} from "../fixtures/draw";

const PLATE: DrawnPlate = { text: "KX73 BTR", x: 200, y: 180, w: 220, h: 52, angle: -5 };
const picture = () => scene(640, 400, [PLATE]);

describe("vision service with PP-OCR", function () {
  this.timeout(120_000);
  let service: PooledVision;

  before(async () => {
    service = new PooledVision({ engine: "ppocr", workers: 2 });
    const info = await service.ready();
    assert.equal(info.engine, "ppocr");
    assert.equal(info.workers, 2);
    assert.deepEqual(info.models.map((m) => m.id).sort(), ["ppocr-v4-det", "ppocr-v4-rec"]);
  });
  after(() => service.close());

  async function readFrame(frame: PixelFrame): Promise<void> {
    const found = await service.detect(frame);
    assert.equal(found.length, 1);
    const reads = await service.read(frame, found);
    assert.equal(reads[0]?.text, "KX73BTR");
    assert.equal(reads[0]?.frameId, frame.id);
    assert.equal(reads[0]?.characters.length, 7);
    assert.equal(reads[0]?.readable, true);
    const [x = 0, y = 0, w = 0, h = 0] = found[0]?.box ?? [];
    assert.ok(Math.abs(x + w / 2 - 310) < 10 && Math.abs(y + h / 2 - 206) < 10);
  }

  it("reads the same plate from encoded, RGB and i420 frames", async () => {
    await readFrame(await encodedFrame("e", picture()));
    await readFrame(await rgbFrame("r", picture()));
    await readFrame(await i420Frame("i", picture()));
  });

  it("applies EXIF orientation, and reads PNG and WebP", async () => {
    const turned = await picture().rotate(270).toBuffer({ resolveWithObject: true });
    const raw = await sharp(await picture().png().toBuffer())
      .rotate(270)
      .png()
      .toBuffer();
    assert.equal(turned.info.width, 400);
    const jpeg = await sharp(raw).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
    const files = [
      jpeg,
      await picture().png().toBuffer(),
      await picture().webp({ quality: 95 }).toBuffer(),
    ];
    for (const file of files) {
      const result = await service.recognize(file);
      assert.equal(`${result.width}x${result.height}`, "640x400");
      assert.equal(result.reads[0]?.text, "KX73BTR");
    }
  });

  it("reads two rows, top one first", async () => {
    const two = scene(640, 400, [{ text: "29B1/34567", x: 230, y: 120, w: 190, h: 130 }]);
    const { reads } = await service.recognize(await two.jpeg({ quality: 95 }).toBuffer());
    assert.equal(reads[0]?.text, "29B134567");
    assert.equal(reads[0]?.rows, 2);
  });

  it("keeps to zones and regions", async () => {
    const two = scene(800, 400, [
      { text: "AB12CDE", x: 60, y: 150, w: 220, h: 52 },
      { text: "XY34ZKL", x: 500, y: 150, w: 220, h: 52 },
    ]);
    const file = await two.jpeg({ quality: 95 }).toBuffer();
    const right = await service.recognize(file, {
      zones: [
        [
          [420, 100],
          [780, 100],
          [780, 300],
          [420, 300],
        ],
      ],
    });
    assert.deepEqual(
      right.reads.map((r) => r.text),
      ["XY34ZKL"],
    );
    const left = await service.recognize(file, { region: [0, 0, 400, 400] });
    assert.deepEqual(
      left.reads.map((r) => r.text),
      ["AB12CDE"],
    );
    const none = await service.recognize(file, { minWidth: 400 });
    assert.deepEqual(none.reads, []);
  });

  it("encodes frames, smaller ones and straightened crops", async () => {
    for (const frame of [await encodedFrame("e2", picture()), await i420Frame("i2", picture())]) {
      const whole = await sharp(await service.encode(frame)).metadata();
      assert.equal(`${whole.format} ${whole.width}x${whole.height}`, "jpeg 640x400");
      const small = await sharp(await service.encode(frame, { maxSide: 320 })).metadata();
      assert.equal(`${small.width}x${small.height}`, "320x200");
      const [plate] = await service.detect(frame);
      assert.ok(plate);
      const crop = await service.encode(frame, { crop: { ...plate, margin: 0.1 } });
      const { width = 0, height = 0 } = await sharp(crop).metadata();
      assert.ok(width / height > 3 && width / height < 5, `${width}x${height}`);
    }
  });

  it("says what is wrong with a picture", async () => {
    const good = await picture().jpeg().toBuffer();
    const cases: [Buffer, string, RegExp][] = [
      [Buffer.alloc(0), "picture_invalid", /empty/],
      [Buffer.from("no picture at all"), "picture_invalid", /cannot be read/],
      [good.subarray(0, good.length / 2), "picture_invalid", /cannot be read/],
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), "picture_invalid", /./],
    ];
    for (const [file, code, message] of cases) {
      await assert.rejects(service.recognize(file), { name: "VisionError", code, message });
    }
    assert.equal((await service.recognize(good)).reads.length, 1, "goes on after bad pictures");
  });

  it("refuses a picture of 100 megapixels before decoding it", async () => {
    const huge = await sharp({
      create: { width: 10_000, height: 10_000, channels: 3, background: "#888" },
    })
      .png({ compressionLevel: 1 })
      .toBuffer();
    await assert.rejects(service.recognize(huge), {
      code: "picture_too_large",
      message: /10000×10000 = 100\.0 megapixels, at most 50\.0/,
    });
  });

  it("replaces a worker that dies and goes on", async () => {
    const file = await picture().jpeg().toBuffer();
    const jobs = [1, 2, 3, 4].map(() => service.recognize(file));
    const outcomes = Promise.allSettled(jobs);
    await service.pool.threads()[0]?.terminate();
    const codes = (await outcomes).map((o) =>
      o.status === "fulfilled" ? "read" : (o.reason as { code: string }).code,
    );
    assert.equal(codes.filter((c) => c === "worker_died").length, 1);
    assert.equal(codes.filter((c) => c === "read").length, 3);
    while (service.pool.threads().length < 2) await new Promise((r) => setTimeout(r, 20));
    assert.equal((await service.recognize(file)).reads[0]?.text, "KX73BTR");
  });

  it("reads only scripts that it has a model for", async () => {
    const frame = await rgbFrame("thai", picture());
    await assert.rejects(service.read(frame, await service.detect(frame), { script: "thai" }), {
      code: "model_missing",
    });
  });
});

describe("vision service with our own models", function () {
  this.timeout(120_000);
  const service = new PooledVision({ engine: "plategate", workers: 1 });
  after(() => service.close());

  it("finds corners and reads one and two rows, of every kind of frame", async () => {
    assert.equal((await service.ready()).engine, "plategate");
    const two: DrawnPlate = { text: "29B1/34567", x: 20, y: 20, w: 190, h: 130 };
    const drawn = scene(640, 400, [PLATE, two]);
    const wanted = cornersOfDrawn(PLATE);
    for (const frame of [await encodedFrame("oe", drawn), await i420Frame("oi", drawn)]) {
      const found = await service.detect(frame);
      const reads = await service.read(frame, found);
      assert.deepEqual(reads.map((r) => r.text).sort(), ["29B134567", "KX73BTR"]);
      assert.equal(reads.find((r) => r.text === "29B134567")?.rows, 2);
      const one = reads.find((r) => r.text === "KX73BTR");
      one?.detection.corners?.forEach(([x, y], i) => {
        const [wx, wy] = wanted[i] ?? [0, 0];
        assert.ok(Math.hypot(x - wx, y - wy) < 14, `corner ${i}: ${x},${y} for ${wx},${wy}`);
      });
      assert.ok(one?.characters.every((c) => c.confidence > 0.5 && c.confidence <= 1));
    }
  });

  it("finds far plates in tiles, and reads a plate cut out", async () => {
    const far = scene(3840, 2160, [{ text: "KX73BTR", x: 2900, y: 1500, w: 48, h: 12 }]);
    const file = await far.jpeg({ quality: 92 }).toBuffer();
    assert.equal((await service.recognize(file, { tiles: false })).reads.length, 0);
    const { reads } = await service.recognize(file, { tiles: true });
    assert.equal(reads[0]?.text, "KX73BTR");
    const cut = scene(230, 60, [{ text: "AB12CDE", x: 2, y: 2, w: 226, h: 56 }]);
    const whole = await service.recognize(await cut.jpeg({ quality: 92 }).toBuffer());
    assert.equal(whole.reads[0]?.text, "AB12CDE");
  });
});

describe("vision service, starting and stopping", function () {
  this.timeout(180_000);

  it("refuses more than may wait, and what waits when it is closed", async () => {
    const service = createVisionService({ engine: "ppocr", workers: 1, queue: 2 });
    const file = await picture().jpeg().toBuffer();
    const jobs = [1, 2, 3].map(() => service.recognize(file));
    const outcomes = Promise.allSettled(jobs);
    await service.close();
    const codes = (await outcomes).map((o) =>
      o.status === "rejected" ? (o.reason as { code: string }).code : "read",
    );
    assert.deepEqual(codes, ["closed", "closed", "busy"]);
    await assert.rejects(service.recognize(file), { code: "closed" });
    await assert.rejects(service.ready(), { code: "closed" });
  });

  it("leaves no thread behind after twenty starts", async () => {
    const before = process.getActiveResourcesInfo().sort();
    for (let i = 0; i < 20; i++) {
      const service = new PooledVision({ engine: "ppocr", workers: 1 });
      if (i % 4 === 0) await service.ready();
      await service.close();
      assert.equal(service.pool.threads().length, 0);
      assert.equal(service.pending(), 0);
    }
    const left = process.getActiveResourcesInfo().filter((r) => /Worker|MessagePort/.test(r));
    assert.deepEqual(
      left,
      before.filter((r) => /Worker|MessagePort/.test(r)),
    );
  });

  it("says which model is missing or damaged", async () => {
    const folder = mkdtempSync(join(tmpdir(), "plategate-models-"));
    try {
      const none = createVisionService({ modelsFolder: folder, workers: 1 });
      await assert.rejects(none.ready(), { code: "model_missing", message: /manifest\.json/ });
      await none.close();
      writeFileSync(join(folder, "manifest.json"), "{");
      const broken = createVisionService({ modelsFolder: folder, workers: 1 });
      await assert.rejects(broken.ready(), { code: "model_invalid" });
      await broken.close();
      const detector = { id: "plate-detector", role: "detector", file: "d.onnx", bytes: 3 };
      const fields = {
        stride: 32,
        inputSide: 640,
        thresholds: { gate: 0.5, road: 0.3 },
        nmsIou: 0.4,
      };
      writeFileSync(join(folder, "d.onnx"), "abc");
      const models = [{ ...detector, ...fields, sha256: "0".repeat(64) }];
      writeFileSync(join(folder, "manifest.json"), JSON.stringify({ version: 1, models }));
      const wrong = createVisionService({ modelsFolder: folder, workers: 1 });
      await assert.rejects(wrong.ready(), { code: "model_invalid", message: /checksum/ });
      await assert.rejects(wrong.recognize(Buffer.from("x")), { code: "model_invalid" });
      await wrong.close();
      cpSync(join(modelsFolder(), "manifest.json"), join(folder, "manifest.json"));
      const moved = createVisionService({ modelsFolder: folder, engine: "ppocr", workers: 1 });
      await assert.rejects(moved.ready(), { code: "model_missing", message: /not installed/ });
      await moved.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
