import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { VisionError } from "../../core/vision/ports";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const base = z.object({
  id: z.string().min(1),
  /** In models/, or inside the npm package named by `package`. */
  file: z.string().min(1),
  package: z.string().optional(),
  sha256,
  bytes: z.number().int().positive(),
  version: z.string().default(""),
  licence: z.string().default(""),
  engine: z.enum(["plategate", "ppocr"]).default("plategate"),
});

/** Kept by mean and least character confidence; see docs/reading.md. */
const reject = z.object({ mean: z.number(), min: z.number() }).default({ mean: 0, min: 0 });

const detector = base.extend({
  role: z.literal("detector"),
  stride: z.number().int().positive(),
  inputSide: z.number().int().positive(),
  thresholds: z.object({ gate: z.number(), road: z.number() }),
  nmsIou: z.number(),
  /** Pictures smaller than `inputSide` are enlarged at most so many times. */
  largestScale: z.number().positive().default(1),
});

const reader = base.extend({
  role: z.literal("reader"),
  script: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  margin: z.tuple([z.number(), z.number()]),
  charset: z.string().min(1),
  decoder: z.literal("ctc"),
  temperature: z.number().positive(),
  reject,
  regions: z.array(z.string()).optional(),
  /** Share of plates by make-up, see core/vision/pattern-prior.ts; none: texts stay as read. */
  patterns: z.record(z.string().regex(/^[A9]+$/), z.number().positive()).optional(),
  /** 2 where the upper row's frames come before the lower row's, in equal halves. */
  sequences: z.union([z.literal(1), z.literal(2)]).default(2),
});

const textDetector = base.extend({
  role: z.literal("text-detector"),
  inputSide: z.number().int().positive(),
  largestScale: z.number().positive().default(1),
});

const textReader = base.extend({
  role: z.literal("text-reader"),
  height: z.number().int().positive(),
  temperature: z.number().positive(),
  reject,
  /** The list of characters, one a line, beside the model. */
  keys: z.object({ file: z.string(), sha256 }),
});

const entry = z.discriminatedUnion("role", [detector, reader, textDetector, textReader]);

export type DetectorEntry = z.infer<typeof detector>;
export type ReaderEntry = z.infer<typeof reader>;
export type TextDetectorEntry = z.infer<typeof textDetector>;
export type TextReaderEntry = z.infer<typeof textReader>;
export type ModelEntry = z.infer<typeof entry>;

/** The models that are there, and where their files are. */
export interface Manifest {
  folder: string;
  models: ModelEntry[];
}

/** The package's own `models/` folder: the nearest one above this file. */
export function modelsFolder(): string {
  for (let at = __dirname; ; at = dirname(at)) {
    if (existsSync(join(at, "models", "manifest.json"))) return join(at, "models");
    if (dirname(at) === at) return join(__dirname, "..", "..", "..", "models");
  }
}

/**
 * Reads `models/manifest.json`. Entries of roles this version does not know are
 * passed over, so that newer manifests still load.
 * @throws VisionError model_missing (no manifest) or model_invalid (not readable as one)
 */
export function readManifest(folder: string = modelsFolder()): Manifest {
  const path = join(folder, "manifest.json");
  if (!existsSync(path)) {
    throw new VisionError("model_missing", `no models: ${path} is not there`);
  }
  const roles = new Set<unknown>(entry.options.map((o) => o.shape.role.value));
  try {
    const raw = z
      .object({ version: z.literal(1), models: z.array(z.looseObject({ role: z.string() })) })
      .parse(JSON.parse(readFileSync(path, "utf8")));
    const models = raw.models.filter((m) => roles.has(m.role)).map((m) => entry.parse(m));
    return { folder, models };
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new VisionError("model_invalid", `${path} is not a list of models: ${why}`);
  }
}

/**
 * The bytes of a model's file (or of another file beside it), checked against the checksum.
 * @throws VisionError model_missing or model_invalid
 */
export async function modelBytes(
  folder: string,
  model: Pick<ModelEntry, "id" | "file" | "package" | "sha256">,
): Promise<Buffer> {
  const path = fileOf(folder, model);
  const bytes = await readFile(path).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new VisionError("model_missing", `model ${model.id}: ${why}`);
  });
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== model.sha256) {
    throw new VisionError(
      "model_invalid",
      `model ${model.id}: ${basename(path)} has checksum ${found.slice(0, 12)}…, not ${model.sha256.slice(0, 12)}…`,
    );
  }
  return bytes;
}

function fileOf(folder: string, model: Pick<ModelEntry, "id" | "file" | "package">): string {
  if (model.package === undefined) return join(folder, model.file);
  const places = createRequire(join(folder, "x.js")).resolve.paths(model.package) ?? [];
  const place = places.find((p) => existsSync(join(p, model.package ?? "")));
  if (place === undefined) {
    throw new VisionError(
      "model_missing",
      `model ${model.id}: npm package ${model.package} is not installed`,
    );
  }
  return join(place, model.package, model.file);
}
