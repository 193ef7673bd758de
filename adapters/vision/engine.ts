import type { Box, CharacterRead, Corners, Detection, Read } from "../../core/messages";
import { normalisePlate } from "../../core/plates/normalise";
import { bestFirst, isPlateShaped, preferWhole, SURE, wholeOf } from "../../core/vision/best-reads";
import { textConfidence } from "../../core/vision/ctc";
import { boxOf, clipBox, cornersOf, quadSize } from "../../core/vision/geometry";
import { surestLook } from "../../core/vision/looks";
import { NOT_A_PLATE } from "../../core/vision/plate-alphabet";
import type {
  DetectOptions,
  EncodeOptions,
  PixelFrame,
  ReadOptions,
  RecognizeResult,
} from "../../core/vision/ports";
import { I420Source, type PixelSource, RgbSource, toRgb } from "../../core/vision/raster";
import { isToldByText } from "../../core/vision/second-look";
import type { EngineInfo, EngineOptions } from "../../workers/protocol";
import { rectify } from "../onnx/rectify";
import { ModelSet } from "./model-set";
import { decodePicture, encodeJpeg, inspectPicture, shrinkPicture } from "./pictures";
import { isLarge, searchPlates } from "./search";

/** Decoded files kept: detect, read and encode ask for the same frame one after the other. */
const KEEP_DECODED = 2;
const JPEG_QUALITY = 85;
const CROP_MARGIN = 0.1;

/** What one worker thread does: decode, detect, read, encode. One job at a time. */
export class Engine {
  private readonly decoded = new Map<string, Promise<RgbSource>>();

  private constructor(
    private readonly options: EngineOptions,
    private readonly models: ModelSet,
    private readonly about: EngineInfo,
  ) {}

  /** Loads the models and runs each once. */
  static async load(options: EngineOptions): Promise<Engine> {
    const models = await ModelSet.load(options);
    const all = await models.loaded();
    const kinds = new Set(all.map((m) => (m.id.startsWith("ppocr") ? "ppocr" : "plategate")));
    const engine = new Engine(options, models, {
      engine: kinds.size > 1 ? "mixed" : ([...kinds][0] ?? ""),
      models: all.map(({ id, version }) => ({ id, version })),
    });
    await engine.warmUp();
    return engine;
  }

  info(): EngineInfo {
    return this.about;
  }

  async detect(frame: PixelFrame, options: DetectOptions): Promise<Detection[]> {
    return this.find(await this.sourceOf(frame), options);
  }

  /** One read per detection, in the same order. */
  async read(frame: PixelFrame, detections: Detection[], options: ReadOptions): Promise<Read[]> {
    if (detections.length === 0) return [];
    return this.readAll(await this.sourceOf(frame), detections, options, frame);
  }

  async recognize(
    picture: Uint8Array,
    options: DetectOptions & ReadOptions,
    at: number,
  ): Promise<RecognizeResult> {
    const started = performance.now();
    const source = await decodePicture(picture, this.options.maxPixels);
    const frame = { id: "", capturedAt: at };
    const attempt = async (how: DetectOptions): Promise<Read[]> => {
      const { finder } = this.models;
      const { plates, doubtful } = await searchPlates(finder, source, { ...options, ...how });
      const reads = await this.readAll(source, plates, options, frame);
      const told = (await this.readAll(source, doubtful, options, frame)).filter(isToldByText);
      return [...reads, ...told];
    };
    let reads = await attempt({});
    const nothing = !reads.some((r) => r.readable);
    if (nothing && options.tiles === undefined && isLarge(this.models.finder, source)) {
      reads = await attempt({ tiles: true });
    }
    const cutOut = isPlateShaped(source) && !options.region && !options.zones;
    if (cutOut && !reads.some((r) => r.confidence >= SURE)) {
      const [whole] = await this.readAll(source, [wholeOf(source)], options, frame);
      if (whole?.readable) preferWhole(reads, whole);
    }
    const plates = reads.filter((r) => r.reason !== NOT_A_PLATE).sort(bestFirst);
    const { width, height } = source;
    return { width, height, reads: plates, ms: performance.now() - started };
  }

  async encode(frame: PixelFrame, options: EncodeOptions): Promise<Uint8Array> {
    const { maxSide = Infinity, quality = JPEG_QUALITY, crop } = options;
    if (frame.format === "encoded" && !crop) {
      const file = new Uint8Array(frame.data);
      const { format, turned, width, height } = await inspectPicture(file, this.options.maxPixels);
      const fits = Math.max(width, height) <= maxSide;
      if (fits && format === "jpeg" && !turned) return file.slice();
      return shrinkPicture(file, Math.min(maxSide, Math.max(width, height)), quality);
    }
    const source = await this.sourceOf(frame);
    if (crop?.corners) {
      return encodeJpeg(straightened(source, crop.corners, maxSide, crop.margin), quality);
    }
    const part = partOf(source, crop);
    const scale = Math.min(1, maxSide / Math.max(part[2], part[3]));
    const whole = scale === 1 && !crop;
    const size = (v: number): number => Math.max(1, Math.round(v * scale));
    const pixels = whole ? toRgb(source) : source.resize(part, size(part[2]), size(part[3]));
    return encodeJpeg(pixels, quality);
  }

  async release(): Promise<void> {
    this.decoded.clear();
    await this.models.release();
  }

  /** Plates in a picture, best first. */
  async find(source: PixelSource, options: DetectOptions): Promise<Detection[]> {
    return (await searchPlates(this.models.finder, source, options)).plates;
  }

  /** Texts of plates in a picture, one per detection. */
  async readAll(
    source: PixelSource,
    detections: Detection[],
    options: ReadOptions,
    frame: { id: string; capturedAt: number },
  ): Promise<Read[]> {
    const { finder } = this.models;
    const reader = await this.models.reader(options.script ?? this.options.script);
    const reads: Read[] = [];
    for (const detection of detections) {
      const found = await surestLook(
        detection,
        (corners) => reader.read(source, corners),
        async () => (await finder.nearer?.(source, detection.box, "plate"))?.corners ?? null,
      );
      const confidence = textConfidence(found.characters);
      const unsure = confidence < (options.minConfidence ?? 0) ? "below_minimum" : null;
      const reason = found.reason ?? unsure;
      const characters = reason === null ? normalised(found.characters) : [];
      reads.push({
        text: characters.map((c) => c.char).join(""),
        confidence,
        characters,
        region: found.region,
        rows: found.rows,
        readable: reason === null,
        reason,
        detection,
        frameId: frame.id,
        capturedAt: frame.capturedAt,
      });
    }
    return reads;
  }

  private sourceOf(frame: PixelFrame): Promise<PixelSource> {
    const bytes = new Uint8Array(frame.data);
    if (frame.format === "i420") {
      return Promise.resolve(new I420Source(frame.width, frame.height, bytes));
    }
    if (frame.format === "rgb24") {
      return Promise.resolve(new RgbSource(frame.width, frame.height, bytes));
    }
    const known = this.decoded.get(frame.id);
    if (known) return known;
    const decoding = decodePicture(bytes, this.options.maxPixels);
    this.decoded.set(frame.id, decoding);
    for (const id of this.decoded.keys()) {
      if (this.decoded.size <= KEEP_DECODED) break;
      this.decoded.delete(id);
    }
    return decoding;
  }

  private async warmUp(): Promise<void> {
    const grey = new RgbSource(320, 192, new Uint8Array(320 * 192 * 3).fill(128));
    await this.find(grey, {});
    const somewhere: Detection = { box: [100, 80, 120, 30], corners: null, confidence: 1 };
    await this.readAll(grey, [somewhere], {}, { id: "", capturedAt: 0 });
  }
}

/** The characters in the form of {@link normalisePlate}, those it drops left out. */
function normalised(characters: CharacterRead[]): CharacterRead[] {
  return characters
    .map((c) => ({ ...c, char: normalisePlate(c.char) }))
    .filter((c) => c.char !== "");
}

function straightened(
  source: PixelSource,
  corners: Corners,
  maxSide: number,
  margin = CROP_MARGIN,
): ReturnType<typeof rectify> {
  const { width, height } = quadSize(corners);
  const scale = Math.min(1, maxSide / (Math.max(width, height) * (1 + 2 * margin)));
  const size = (v: number): number => Math.max(8, Math.round(v * (1 + 2 * margin) * scale));
  return rectify(source, corners, size(width), size(height), [margin, margin]);
}

/** The box of a crop with its margin, inside the picture; the whole picture without a crop. */
function partOf(source: PixelSource, crop: EncodeOptions["crop"]): Box {
  const { width, height } = source;
  if (!crop) return [0, 0, width, height];
  const [x, y, w, h] = boxOf(cornersOf(crop.box));
  const [mx, my] = [w * (crop.margin ?? CROP_MARGIN), h * (crop.margin ?? CROP_MARGIN)];
  const part = clipBox([x - mx, y - my, w + 2 * mx, h + 2 * my], width, height);
  return part[2] >= 1 && part[3] >= 1 ? part : [0, 0, width, height];
}
