import type { Box, Detection } from "../../core/messages";
import { decodeDetections } from "../../core/vision/detector";
import { clipBox, iou } from "../../core/vision/geometry";
import { suppress } from "../../core/vision/nms";
import type { PixelSource } from "../../core/vision/raster";
import { fitWithin, padded } from "../../core/vision/tiles";
import { type DetectorEntry, modelBytes } from "./manifest";
import type { NearView, PlateFinder } from "./models";
import { floats, Model } from "./session";

/** Looks from nearer: how many plate widths they show (of high plates: so many heights), their input in pixels. */
const NEAR = {
  plate: { reach: 3.2, highReach: 5.1, side: 288 },
  around: { reach: 5, highReach: 8, side: 384 },
};
/** Their height to their width, and how far they enlarge. */
const NEAR_ASPECT = 0.7;
const NEAR_SCALE = 4;
/** What is seen from nearer is the same plate from so much overlap on, however unsure. */
const SAME = { iou: 0.25, confidence: 0.04 };

/** Our own detector: boxes, corners and confidence in one pass (docs/reading.md). */
export class PlateDetector implements PlateFinder {
  private constructor(
    private readonly model: Model,
    private readonly entry: DetectorEntry,
    private readonly preset: "gate" | "road",
  ) {}

  static async load(
    folder: string,
    entry: DetectorEntry,
    preset: "gate" | "road",
  ): Promise<PlateDetector> {
    const model = await Model.load(entry.id, await modelBytes(folder, entry));
    return new PlateDetector(model, entry, preset);
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

  get doubtfulFrom(): number | undefined {
    return this.preset === "gate" ? this.entry.thresholds.road : undefined;
  }

  find(source: PixelSource, region: Box, minConfidence?: number): Promise<Detection[]> {
    const { inputSide, largestScale, thresholds } = this.entry;
    const least = minConfidence ?? thresholds[this.preset];
    return this.look(source, region, least, { side: inputSide, largestScale });
  }

  async nearer(source: PixelSource, box: Box, view: NearView): Promise<Detection | null> {
    const { reach, highReach, side } = NEAR[view];
    const wide = Math.max(reach * box[2], highReach * box[3]);
    const high = NEAR_ASPECT * wide;
    const [left, top] = [box[0] + (box[2] - wide) / 2, box[1] + (box[3] - high) / 2];
    const region = clipBox([left, top, wide, high], source.width, source.height);
    const how = { side, largestScale: NEAR_SCALE };
    const found = await this.look(source, region, SAME.confidence, how);
    return found.find((d) => iou(d.box, box) > SAME.iou) ?? null;
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
