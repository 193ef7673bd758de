import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { createVisionService, type VisionOptions } from "../../adapters/vision/service";
import type { Detection, Read } from "../../core/messages";
import {
  editDistance,
  type Found,
  foldText,
  matchPlates,
  type PictureScore,
  summarise,
  type Summary,
} from "../../core/vision/metrics";
import type { PixelFrame, VisionService } from "../../core/vision/ports";
import { type LabelledPicture, readLabels } from "./labels";
import { type Tile, writeSheet } from "./sheet";

export interface AccuracyOptions {
  vision: VisionOptions;
  /** Plates narrower than this count neither for nor against. */
  minWidth: number;
  /** Only pictures named in this file, one "set/file" or "file" a line. */
  only?: string;
  /** Folder for contact sheets and the list of failures; none where undefined. */
  out?: string;
  /** Read crops by their whole box, without looking for the plate in them. */
  givenBoxes: boolean;
  /** Look at large pictures in parts: always, never, or where nothing is read without. */
  tiles?: boolean;
}

/** Figures of one set. */
export interface SetResult extends Summary {
  set: string;
  /** Pictures that could not be read. */
  errors: number;
  /** Mean wall milliseconds a picture, decode to text. */
  ms: number;
}

/** Reads every labelled picture of a folder and compares. */
export async function measureSet(folder: string, options: AccuracyOptions): Promise<SetResult> {
  const pictures = limited(readLabels(folder), options.only);
  const service = createVisionService(options.vision);
  try {
    await service.ready();
    const scores: PictureScore[] = [];
    const failed: Tile[] = [];
    const run = { errors: 0, ms: 0 };
    await eachOf(pictures, 4, async (picture) => {
      const found = await platesIn(service, picture, options, run);
      const { matches, extra } = matchPlates(picture.plates, found);
      scores.push({ file: picture.file, matches, extra });
      failed.push(...failures(picture, matches, extra, options.minWidth));
    });
    const set = pictures[0]?.set ?? folder;
    if (options.out !== undefined) await report(options.out, set, failed);
    const summary = summarise(scores, options.minWidth);
    return { set, ...summary, errors: run.errors, ms: run.ms / Math.max(pictures.length, 1) };
  } finally {
    await service.close();
  }
}

function limited(pictures: LabelledPicture[], only: string | undefined): LabelledPicture[] {
  if (only === undefined) return pictures;
  const names = new Set(readFileSync(only, "utf8").split(/\r?\n/));
  return pictures.filter((p) => names.has(p.file) || names.has(`${p.set}/${p.file}`));
}

async function eachOf<T>(
  items: readonly T[],
  together: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items].reverse();
  const lane = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: together }, lane));
}

async function platesIn(
  service: VisionService,
  picture: LabelledPicture,
  options: AccuracyOptions,
  run: { errors: number; ms: number },
): Promise<Found[]> {
  try {
    const file = await readFile(picture.path);
    const started = performance.now();
    const reads = options.givenBoxes
      ? await service.read(await frameOf(file), boxesOf(picture))
      : (await service.recognize(file, options.tiles === undefined ? {} : { tiles: options.tiles }))
          .reads;
    run.ms += performance.now() - started;
    return reads.map(foundOf);
  } catch {
    run.errors++;
    return [];
  }
}

function foundOf({ detection, text }: Read): Found {
  return { box: detection.box, text, confidence: detection.confidence };
}

function boxesOf(picture: LabelledPicture): Detection[] {
  return picture.plates.map(({ box }) => ({ box, corners: null, confidence: 1 }));
}

async function frameOf(file: Buffer): Promise<PixelFrame> {
  const { width, height } = (await sharp(file).metadata()).autoOrient;
  const data = new SharedArrayBuffer(file.length);
  new Uint8Array(data).set(file);
  const about = { cameraId: "bench", laneId: null, seq: 0, capturedAt: 0 };
  return { id: crypto.randomUUID(), ...about, width, height, format: "encoded", data };
}

/** Plates missed, misread, or found where there is none, the worst first. */
function failures(
  picture: LabelledPicture,
  matches: PictureScore["matches"],
  extra: Found[],
  minWidth: number,
): Tile[] {
  const { path, file } = picture;
  const wrong = matches
    .filter((m) => m.truth.box[2] >= minWidth)
    .flatMap(({ truth, found, iou }): Tile[] => {
      if (!found || iou < 0.3) return [{ path, box: truth.box, title: file, detail: "missed" }];
      if (!truth.text || foldText(truth.text) === foldText(found.text)) return [];
      const edits = editDistance(truth.text, found.text);
      const detail = `${truth.text} read ${found.text || "-"} (${edits})`;
      return [{ path, box: truth.box, title: file, detail }];
    });
  const alarms = extra.map((f) => {
    const detail = `no plate: ${f.text || "-"} ${f.confidence.toFixed(2)}`;
    return { path, box: f.box, title: file, detail };
  });
  return [...wrong, ...alarms];
}

async function report(out: string, set: string, failed: Tile[]): Promise<void> {
  mkdirSync(out, { recursive: true });
  const lines = failed.map((f) => `${f.title}\t${f.box.map(Math.round).join(",")}\t${f.detail}`);
  writeFileSync(join(out, `${set}.failures.tsv`), lines.join("\n") + "\n");
  await writeSheet(join(out, `${set}.jpg`), failed);
}
