import type { PlateFinder, PlateReader } from "../onnx/models";
import { type Manifest, type ModelEntry, readManifest } from "../onnx/manifest";
import { PlateDetector } from "../onnx/plate-detector";
import { CtcPlateReader } from "../onnx/plate-reader";
import { TextPlateFinder } from "../onnx/text-detector";
import { TextPlateReader } from "../onnx/text-reader";
import { VisionError } from "../../core/vision/ports";
import type { EngineOptions } from "../../workers/protocol";

/** The models that an engine runs, chosen from the manifest. */
export class ModelSet {
  private readonly readers = new Map<string, Promise<PlateReader>>();

  private constructor(
    private readonly manifest: Manifest,
    private readonly options: EngineOptions,
    readonly finder: PlateFinder,
  ) {}

  /**
   * Loads the detector and the reader of the configured script.
   * @throws VisionError model_missing or model_invalid
   */
  static async load(options: EngineOptions): Promise<ModelSet> {
    const manifest = readManifest(options.modelsFolder);
    const finder = await loadFinder(manifest, options);
    const set = new ModelSet(manifest, options, finder);
    await set.reader(options.script);
    return set;
  }

  /** The reader of a script, loaded on first use. */
  reader(script: string): Promise<PlateReader> {
    const known = this.readers.get(script);
    if (known) return known;
    const loading = loadReader(this.manifest, this.options, script, this.finder);
    this.readers.set(script, loading);
    // a failure is told to who asked, and tried again the next time
    loading.catch(() => this.readers.delete(script));
    return loading;
  }

  async loaded(): Promise<(PlateFinder | PlateReader)[]> {
    return [this.finder, ...(await Promise.all(this.readers.values()))];
  }

  async release(): Promise<void> {
    for (const model of await this.loaded()) await model.release();
  }
}

function allowed({ models }: Manifest, engine: EngineOptions["engine"]): ModelEntry[] {
  const own = models.filter((m) => m.engine === "plategate");
  const others = models.filter((m) => m.engine === "ppocr");
  if (engine === "plategate") return own;
  return engine === "ppocr" ? others : [...own, ...others];
}

function loadFinder(manifest: Manifest, options: EngineOptions): Promise<PlateFinder> {
  for (const m of allowed(manifest, options.engine)) {
    if (m.role === "detector") return PlateDetector.load(manifest.folder, m, options.preset);
    if (m.role === "text-detector") return TextPlateFinder.load(manifest.folder, m);
  }
  throw missing(options.engine, "a detector");
}

function loadReader(
  manifest: Manifest,
  options: EngineOptions,
  script: string,
  finder: PlateFinder,
): Promise<PlateReader> {
  for (const m of allowed(manifest, options.engine)) {
    if (m.role === "reader" && m.script === script) {
      return CtcPlateReader.load(manifest.folder, m);
    }
    if (m.role === "text-reader" && script === "latin") {
      return TextPlateReader.load(manifest.folder, m, finder instanceof TextPlateFinder);
    }
  }
  return Promise.reject(missing(options.engine, `a reader for the ${script} script`));
}

function missing(engine: string, what: string): VisionError {
  return new VisionError("model_missing", `engine "${engine}" has no model for ${what}`);
}
