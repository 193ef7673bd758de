import type { Box, Corners, Detection, Point } from "../../core/messages";
import { textLines } from "../../core/vision/db";
import { boxOf, clipBox } from "../../core/vision/geometry";
import { plateShaped } from "../../core/vision/plate-shape";
import type { PixelSource, Rgb } from "../../core/vision/raster";
import { fitStride } from "../../core/vision/tiles";
import { modelBytes, type TextDetectorEntry } from "./manifest";
import type { PlateFinder } from "./models";
import { floats, Model } from "./session";

/** The network halves its input five times. */
const STRIDE = 32;
/** Channel means and deviations of the pictures that PP-OCR was trained on, in its B, G, R order. */
const MEAN = [0.485, 0.456, 0.406] as const;
const DEVIATION = [0.229, 0.224, 0.225] as const;

/** PP-OCR's text detector, its lines filtered by the shape of plates. */
export class TextPlateFinder implements PlateFinder {
  readonly nmsIou = 0.3;

  private constructor(
    private readonly model: Model,
    private readonly entry: TextDetectorEntry,
  ) {}

  static async load(folder: string, entry: TextDetectorEntry): Promise<TextPlateFinder> {
    return new TextPlateFinder(await Model.load(entry.id, await modelBytes(folder, entry)), entry);
  }

  get id(): string {
    return this.entry.id;
  }

  get version(): string {
    return this.entry.version;
  }

  get inputSide(): number {
    return this.entry.inputSide;
  }

  async find(source: PixelSource, region: Box, minConfidence = 0): Promise<Detection[]> {
    const { inputSide, largestScale } = this.entry;
    const size = fitStride(region[2], region[3], inputSide, STRIDE, largestScale);
    const pixels = source.resize(region, size.width, size.height);
    const outputs = await this.model.run("float32", normalised(pixels), [
      1,
      3,
      size.height,
      size.width,
    ]);
    const map = floats(this.model.first(outputs));
    const [sx, sy] = [region[2] / size.width, region[3] / size.height];
    const place = ([x, y]: Point): Point => [region[0] + x * sx, region[1] + y * sy];
    return plateShaped(textLines(map, size.width, size.height))
      .filter((c) => c.score >= minConfidence)
      .map(({ corners: c, score }) => {
        const corners: Corners = [place(c[0]), place(c[1]), place(c[2]), place(c[3])];
        const box = clipBox(boxOf(corners), source.width, source.height);
        return { box, corners, confidence: score };
      });
  }

  release(): Promise<void> {
    return this.model.release();
  }
}

/** Planes B, G, R as floats around zero. */
function normalised({ width, height, data }: Rgb): Float32Array {
  const plane = width * height;
  const out = new Float32Array(plane * 3);
  for (let c = 0; c < 3; c++) {
    const scale = 1 / (255 * (DEVIATION[c] ?? 1));
    const shift = (MEAN[c] ?? 0) / (DEVIATION[c] ?? 1);
    for (let i = 0, o = 2 - c; i < plane; i++, o += 3) {
      out[c * plane + i] = (data[o] as number) * scale - shift;
    }
  }
  return out;
}
