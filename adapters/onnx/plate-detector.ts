import type { Box, Corners, Detection } from "../../core/messages";
import { decodeDetections } from "../../core/vision/detector";
import { clipBox, iou } from "../../core/vision/geometry";
import { suppress } from "../../core/vision/nms";
import type { PixelSource } from "../../core/vision/raster";
import { fitWithin, padded } from "../../core/vision/tiles";
import { type DetectorEntry, modelBytes } from "./manifest";
import type { PlateFinder } from "./models";
import { floats, Model } from "./session";

/** The look from nearer: how many plate widths it shows (of high plates: so many heights), its height to its width, its input in pixels, how far it enlarges. */
const NEAR = { reach: 3.2, highReach: 5.1, aspect: 0.7, side: 288, largestScale: 4 };
/** What is seen from nearer is the same plate from so much overlap on, however unsure. */
const SAME = { iou: 0.25, confidence: 0.04 };

/** Our own detector: boxes, corners and confidence in one pass (docs/reading.md). */
export class PlateDetector implements PlateFinder {
  private constructor(
    private readonly model: Model,
    private readonly entry: DetectorEntry,
    private readonly threshold: number,
  ) {}

  static async load(
    folder: string,
    entry: DetectorEntry,
    preset: "gate" | "road",
  ): Promise<PlateDetector> {
    const model = await Model.load(entry.id, await modelBytes(folder, entry));
    return new PlateDetector(model, entry, entry.thresholds[preset]);
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

  get nmsIou(): number {
    return this.entry.nmsIou;
  }

  find(source: PixelSource, region: Box, minConfidence = this.threshold): Promise<Detection[]> {
    const { inputSide, largestScale } = this.entry;
    return this.look(source, region, minConfidence, { side: inputSide, largestScale });
  }

  async nearer(source: PixelSource, box: Box): Promise<Corners | null> {
    const reach = Math.max(NEAR.reach * box[2], NEAR.highReach * box[3]);
    const [left, top] = [
      box[0] + (box[2] - reach) / 2,
      box[1] + (box[3] - NEAR.aspect * reach) / 2,
    ];
    const around: Box = [left, top, reach, NEAR.aspect * reach];
    const region = clipBox(around, source.width, source.height);
    const found = await this.look(source, region, SAME.confidence, NEAR);
    const same = found.find((d) => iou(d.box, box) > SAME.iou);
    return same?.corners ?? null;
  }

  /** Plates in a part of the picture shown `side` pixels long, best first. */
  private async look(
    source: PixelSource,
    region: Box,
    minConfidence: number,
    { side, largestScale }: { side: number; largestScale: number },
  ): Promise<Detection[]> {
    const { stride, nmsIou } = this.entry;
    const size = fitWithin(region[2], region[3], side, largestScale);
    const input = padded(source.resize(region, size.width, size.height), stride);
    const outputs = await this.model.run("uint8", input.data, [1, input.height, input.width, 3]);
    const rows = floats(this.model.output(outputs, "detections"));
    return suppress(decodeDetections(rows, region, size, source, minConfidence), nmsIou);
  }

  release(): Promise<void> {
    return this.model.release();
  }
}
