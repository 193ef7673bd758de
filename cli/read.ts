import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { createVisionService, type VisionOptions } from "../adapters/vision/service";
import type { Read } from "../core/messages";
import { cornersOf as boxCorners } from "../core/vision/geometry";
import type { RecognizeResult, VisionService } from "../core/vision/ports";

/** A plate as `plategate read --json` prints it (docs/reading.md). */
interface PrintedPlate {
  text: string;
  confidence: number;
  characters: Read["characters"];
  /** x, y, w, h in pixels of the picture, EXIF orientation applied. */
  box: number[];
  /** Top left, top right, bottom right, bottom left; those of the box where no others are known. */
  corners: number[][];
  region: string | null;
  rows: 1 | 2;
  /** Why nothing is read although a plate is there; null where it is read. */
  reason: string | null;
}

type Line =
  | { file: string; plates: PrintedPlate[]; ms: number }
  | { file: string; error: string; code: string | null };

interface ReadFlags {
  json?: boolean;
  engine: "auto" | "plategate" | "ppocr";
  script: string;
  workers?: number;
  models?: string;
  tiles?: boolean;
}

/** Adds `plategate read`. */
export function register(program: Command): void {
  program
    .command("read")
    .description("read the plates in pictures (JPEG, PNG, WebP)")
    .argument("<image...>", "picture files")
    .option("--json", "one JSON line a picture")
    .addOption(engineOption())
    .option("--script <script>", "script of the plates: latin or thai", "latin")
    .option("--workers <n>", "worker threads", positive)
    .addOption(modelsOption())
    .option("--tiles", "look at large pictures in parts too, also when a plate is read without")
    .option("--no-tiles", "never look at pictures in parts")
    .action(async (files: string[], flags: ReadFlags) => {
      if (!(await readFiles(files, flags))) process.exitCode = 1;
    });
}

/** The choice of engine, common to all commands that read. */
export function engineOption(): Option {
  return new Option("--engine <engine>", "models to read with")
    .choices(["auto", "plategate", "ppocr"])
    .default("auto");
}

/** Other models than the package's own. */
export function modelsOption(): Option {
  return new Option("--models <folder>", "folder with manifest.json; default the package's own");
}

/** A whole number above 0, of the command line. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("not a number above 0");
  return value;
}

/** Prints each file's plates in the order given; false where one could not be read. */
async function readFiles(files: string[], flags: ReadFlags): Promise<boolean> {
  const options: VisionOptions = { engine: flags.engine, script: flags.script };
  if (flags.workers !== undefined) options.workers = flags.workers;
  if (flags.models !== undefined) options.modelsFolder = flags.models;
  const service = createVisionService(options);
  try {
    const { workers } = await service.ready();
    const lines: Promise<Line>[] = [];
    let good = true;
    // a few ahead of the one printed, so that every worker is busy and memory is bounded
    for (let i = 0; i < files.length; i++) {
      for (let k = lines.length; k < files.length && k <= i + 2 * workers; k++) {
        lines.push(readOne(service, files[k] ?? "", flags));
      }
      const line = await lines[i];
      if (!line) continue;
      good &&= !("error" in line);
      console.log(flags.json ? JSON.stringify(line) : tableOf(line));
    }
    return good;
  } catch (error) {
    console.error(`plategate read: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    await service.close();
  }
}

async function readOne(service: VisionService, file: string, flags: ReadFlags): Promise<Line> {
  try {
    const options = flags.tiles === undefined ? {} : { tiles: flags.tiles };
    return printed(file, await service.recognize(await readFile(file), options));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && "code" in error ? String(error.code) : null;
    return { file, error: message, code };
  }
}

/** A picture's plates as a program gets them (docs/reading.md). */
export function printed(
  file: string,
  { reads, ms }: Pick<RecognizeResult, "reads" | "ms">,
): Extract<Line, { plates: PrintedPlate[] }> {
  return {
    file,
    plates: reads.map((r) => ({
      text: r.text,
      confidence: round(r.confidence, 4),
      characters: r.characters.map((c) => ({
        char: c.char,
        confidence: round(c.confidence, 4),
        alternatives: c.alternatives.map((a) => ({ ...a, confidence: round(a.confidence, 4) })),
      })),
      box: r.detection.box.map((v) => round(v, 1)),
      corners: (r.detection.corners ?? boxCorners(r.detection.box)).map((p) =>
        p.map((v) => round(v, 1)),
      ),
      region: r.region,
      rows: r.rows,
      reason: r.reason,
    })),
    ms: round(ms, 1),
  };
}

function tableOf(line: Line): string {
  if ("error" in line) return `${line.file}: ${line.error}`;
  const rows = line.plates.map((p) => {
    const what = p.text === "" ? `(${p.reason ?? "unreadable"})` : p.text;
    const at = p.box.map((v) => Math.round(v)).join(",");
    return `  ${what.padEnd(12)} ${(100 * p.confidence).toFixed(0).padStart(3)} %  at ${at}`;
  });
  const none = rows.length === 0 ? ["  no plate"] : rows;
  return [`${line.file} (${Math.round(line.ms)} ms)`, ...none].join("\n");
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
