import type { Box, Detection } from "../../core/messages";
import { decodeDetections } from "../../core/vision/detector";
import { suppress } from "../../core/vision/nms";
import type { PixelSource } from "../../core/vision/raster";
import { fitWithin, padded } from "../../core/vision/tiles";
import { type DetectorEntry, modelBytes } from "./manifest";
import type { PlateFinder } from "./models";
import { floats, Model } from "./session";

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

  async find(
    source: PixelSource,
    region: Box,
    minConfidence = this.threshold,
  ): Promise<Detection[]> {
    const { inputSide, stride, largestScale, nmsIou } = this.entry;
    const size = fitWithin(region[2], region[3], inputSide, largestScale);
    const input = padded(source.resize(region, size.width, size.height), stride);
    const outputs = await this.model.run("uint8", input.data, [1, input.height, input.width, 3]);
    const rows = floats(this.model.output(outputs, "detections"));
    return suppress(decodeDetections(rows, region, size, source, minConfidence), nmsIou);
  }

  release(): Promise<void> {
    return this.model.release();
  }
}
