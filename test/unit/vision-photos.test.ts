import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createVisionService, type VisionOptions } from "../../adapters/vision/service";
import { readLabels } from "../../cli/bench/labels";
import { foldText } from "../../core/vision/metrics";
import { sharedFolder } from "../fixtures/shared";

/** Every so many photographs with a labelled text are read: 43 of 172 plates. */
const STEP = 4;

/** Plates of the photographs whose text an engine reads, O=0 and I=1 taken as equal. */
async function countRead(options: VisionOptions): Promise<{ read: number; of: number }> {
  const folder = join(sharedFolder() ?? "", "datasets", "kaggle-cc0-cars");
  const photos = readLabels(folder).filter((p) => p.plates.some((t) => t.text !== ""));
  const service = createVisionService({ ...options, workers: 2 });
  const count = { read: 0, of: 0 };
  try {
    const chosen = photos.filter((_, i) => i % STEP === 0);
    await Promise.all(
      chosen.map(async (photo) => {
        const { reads } = await service.recognize(await readFile(photo.path));
        const texts = new Set(reads.map((r) => foldText(r.text)));
        const labelled = photo.plates.filter((t) => t.text !== "");
        count.of += labelled.length;
        count.read += labelled.filter((t) => texts.has(foldText(t.text))).length;
      }),
    );
  } finally {
    await service.close();
  }
  return count;
}

describe("photographs of kaggle-cc0-cars", function () {
  this.timeout(300_000);
  before(function () {
    if (sharedFolder() === null) this.skip();
  });

  it("are read by PP-OCR, the plates that it can read", async () => {
    const { read, of } = await countRead({ engine: "ppocr", queue: 100 });
    assert.ok(read >= 0.4 * of, `${read} of ${of}`);
  });

  it("are read by our own models, more of them", async () => {
    const { read, of } = await countRead({ engine: "plategate", queue: 100 });
    assert.ok(read >= 0.75 * of, `${read} of ${of}`);
  });
});
