import type { Corners } from "../../core/messages";
import { decodeCtc, rejection, softmax } from "../../core/vision/ctc";
import { rankByPattern } from "../../core/vision/pattern-prior";
import { VisionError } from "../../core/vision/ports";
import type { PixelSource } from "../../core/vision/raster";
import { modelBytes, type ReaderEntry } from "./manifest";
import type { PlateReader, PlateText } from "./models";
import { rectify } from "./rectify";
import { floats, Model } from "./session";

/** A region is named where the reader gives it at least this probability. */
const MIN_REGION = 0.5;

/** Our own reader of one script: one- and two-row plates (docs/reading.md). */
export class CtcPlateReader implements PlateReader {
  private readonly symbols: string[];

  private constructor(
    private readonly model: Model,
    private readonly entry: ReaderEntry,
  ) {
    this.symbols = [...entry.charset];
  }

  static async load(folder: string, entry: ReaderEntry): Promise<CtcPlateReader> {
    return new CtcPlateReader(await Model.load(entry.id, await modelBytes(folder, entry)), entry);
  }

  get id(): string {
    return this.entry.id;
  }

  get version(): string {
    return this.entry.version;
  }

  get script(): string {
    return this.entry.script;
  }

  async read(source: PixelSource, corners: Corners): Promise<PlateText> {
    const { width, height, margin, temperature, reject, patterns } = this.entry;
    const plate = rectify(source, corners, width, height, margin);
    const outputs = await this.model.run("uint8", plate.data, [1, height, width, 3]);
    const logits = this.model.output(outputs, "logits");
    const classes = logits.dims[2] ?? 0;
    const steps = logits.dims[1] ?? 0;
    if (classes !== this.symbols.length + 1) {
      throw new VisionError(
        "model_invalid",
        `model ${this.id} has ${classes} classes for ${this.symbols.length} characters`,
      );
    }
    const p = { data: softmax(floats(logits), classes, temperature), steps, classes };
    const half = this.entry.sequences === 2 ? steps / 2 : -1;
    const read = decodeCtc(p, this.symbols, half);
    const characters = patterns ? rankByPattern(read.characters, patterns) : read.characters;
    const inRow = (lower: boolean): boolean => read.frames.some((f) => f >= half === lower);
    const rows = half > 0 && inRow(false) && inRow(true) ? 2 : 1;
    const reason = rejection(characters, { ...reject, minLength: 1, maxLength: 12 });
    return { characters, rows, region: this.regionOf(outputs), reason };
  }

  release(): Promise<void> {
    return this.model.release();
  }

  private regionOf(outputs: Parameters<Model["output"]>[0]): string | null {
    const names = this.entry.regions;
    if (!names || !outputs["regions"]) return null;
    const p = softmax(floats(this.model.output(outputs, "regions")), names.length);
    const best = p.indexOf(Math.max(...p));
    return (p[best] ?? 0) >= MIN_REGION ? (names[best] ?? null) : null;
  }
}
