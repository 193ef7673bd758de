import { modelsFolder, readManifest, type ModelEntry } from "./manifest";

/** A model that comes with the package, for lists. */
export interface ShippedModel {
  id: string;
  role: ModelEntry["role"];
  version: string;
  licence: string;
  sha256: string;
  /** Name of its file, and the card that describes it. */
  file: string;
  card: string;
  parameters: Record<string, unknown>;
}

let known: ShippedModel[] | null = null;

/** The models of the package's manifest; read once, empty where there is none. */
export function shippedModels(): ShippedModel[] {
  known ??= load();
  return known;
}

function load(): ShippedModel[] {
  try {
    return readManifest(modelsFolder()).models.map((entry) => ({
      id: entry.id,
      role: entry.role,
      version: entry.version,
      licence: entry.licence,
      sha256: entry.sha256,
      file: entry.file,
      card: `models/${entry.id}.md`,
      parameters: parametersOf(entry),
    }));
  } catch {
    return []; // the models node says what is wrong with the manifest
  }
}

function parametersOf(entry: ModelEntry): Record<string, unknown> {
  if (entry.role === "detector") {
    return {
      confidence_threshold: entry.thresholds.gate,
      iou_threshold: entry.nmsIou,
      input_size: entry.inputSide,
    };
  }
  if (entry.role === "reader") {
    return { script: entry.script, input_size: [entry.width, entry.height] };
  }
  return entry.role === "text-detector" ? { input_size: entry.inputSide } : {};
}
