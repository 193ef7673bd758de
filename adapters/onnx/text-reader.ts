import type { Corners } from "../../core/messages";
import { decodeCtc, rejection, textConfidence } from "../../core/vision/ctc";
import { project, quadSize, rectToQuad } from "../../core/vision/geometry";
import { isPlateLike, NOT_A_PLATE, PlateAlphabet } from "../../core/vision/plate-alphabet";
import { VisionError } from "../../core/vision/ports";
import type { PixelSource, Rgb } from "../../core/vision/raster";
import { rowGap } from "../../core/vision/rows";
import { modelBytes, type TextReaderEntry } from "./manifest";
import type { PlateReader, PlateText } from "./models";
import { rectify } from "./rectify";
import { floats, Model } from "./session";

/** Input width of the recogniser, in pixels. */
const WIDTH = { min: 64, max: 480, step: 8 };
/** Room left and right of a row when it is read, in heights of the row. */
const ROOM = 0.2;
/** A plate less wide than this many heights may have two rows. */
const TWO_ROW_ASPECT = 2.8;
/** Shape of a registration: its number of characters. */
const LENGTH = { minLength: 4, maxLength: 10 };

/** PP-OCR's text recogniser, its 6,623 characters narrowed to those of plates. */
export class TextPlateReader implements PlateReader {
  readonly script = "latin";

  private constructor(
    private readonly model: Model,
    private readonly entry: TextReaderEntry,
    private readonly alphabet: PlateAlphabet,
    private readonly anyText: boolean,
  ) {}

  /** @param anyText whether it is asked to read any text of plate shape, not only plates */
  static async load(
    folder: string,
    entry: TextReaderEntry,
    anyText: boolean,
  ): Promise<TextPlateReader> {
    const keys = await modelBytes(folder, { ...entry, ...entry.keys });
    // the recogniser's last class is the space, which the list leaves out
    const symbols = [...keys.toString("utf8").replace(/\n$/, "").split("\n"), " "];
    const model = await Model.load(entry.id, await modelBytes(folder, entry));
    const alphabet = new PlateAlphabet(symbols, entry.temperature);
    return new TextPlateReader(model, entry, alphabet, anyText);
  }

  get id(): string {
    return this.entry.id;
  }

  get version(): string {
    return this.entry.version;
  }

  async read(source: PixelSource, corners: Corners): Promise<PlateText> {
    const { width, height } = quadSize(corners);
    const one = await this.row(source, corners);
    if (width > TWO_ROW_ASPECT * height) return this.judge(one, 1);
    const two = await this.twoRows(source, corners);
    const [better, rows] = score(two) > score(one) ? ([two, 2] as const) : ([one, 1] as const);
    return this.judge(better, rows);
  }

  release(): Promise<void> {
    return this.model.release();
  }

  private judge(characters: PlateText["characters"], rows: 1 | 2): PlateText {
    const text = characters.map((c) => c.char).join("");
    if (this.anyText && !isPlateLike(text)) {
      return { characters, rows, region: null, reason: NOT_A_PLATE };
    }
    const reason = rejection(characters, { ...this.entry.reject, ...LENGTH });
    return { characters, rows, region: null, reason };
  }

  private async twoRows(source: PixelSource, corners: Corners): Promise<PlateText["characters"]> {
    const cut = rowGap(rectify(source, corners, 64, 64, [0, 0]));
    const map = rectToQuad(1, 1, corners);
    const band = (top: number, bottom: number): Corners => [
      project(map, 0, top),
      project(map, 1, top),
      project(map, 1, bottom),
      project(map, 0, bottom),
    ];
    const upper = await this.row(source, band(0, cut));
    const lower = await this.row(source, band(cut, 1));
    return [...upper, ...lower];
  }

  private async row(source: PixelSource, corners: Corners): Promise<PlateText["characters"]> {
    const size = quadSize(corners);
    const { height } = this.entry;
    // the detector's lines are often cut short at their ends
    const room = (ROOM * size.height) / Math.max(size.width, 1);
    const wide = ((size.width * (1 + 2 * room)) / Math.max(size.height, 1)) * height;
    const steps = Math.round(Math.min(Math.max(wide, WIDTH.min), WIDTH.max) / WIDTH.step);
    const width = steps * WIDTH.step;
    const pixels = rectify(source, corners, width, height, [room, 0]);
    const outputs = await this.model.run("float32", planes(pixels), [1, 3, height, width]);
    const output = this.model.first(outputs);
    const classes = output.dims[2] ?? 0;
    if (classes !== this.alphabet.sourceClasses) {
      throw new VisionError(
        "model_invalid",
        `model ${this.id} does not fit its list of characters`,
      );
    }
    const p = this.alphabet.narrow(floats(output));
    return decodeCtc(p, this.alphabet.symbols).characters;
  }
}

/** One or two rows: the one that reads more characters with confidence. */
function score(characters: PlateText["characters"]): number {
  return textConfidence(characters) ** (1 / Math.max(characters.length, 1)) * characters.length;
}

/** Planes B, G, R in -1..1. */
function planes({ width, height, data }: Rgb): Float32Array {
  const plane = width * height;
  const out = new Float32Array(plane * 3);
  for (let c = 0; c < 3; c++) {
    for (let i = 0, o = 2 - c; i < plane; i++, o += 3) {
      out[c * plane + i] = (data[o] as number) / 127.5 - 1;
    }
  }
  return out;
}
