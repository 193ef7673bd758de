import { type Command, Option } from "commander";
import type { VisionOptions } from "../adapters/vision/service";
import { type AccuracyOptions, measureSet, type SetResult } from "./bench/accuracy";
import { measureLoop } from "./bench/loop";
import { accuracyTable } from "./bench/print";
import { cpuOf, measureSpeed, speedTable } from "./bench/speed";
import { engineOption, modelsOption, positive } from "./read";

interface AccuracyFlags {
  engine: NonNullable<VisionOptions["engine"]>;
  script: string;
  preset: "gate" | "road";
  workers?: number;
  models?: string;
  minWidth: number;
  only?: string;
  out?: string;
  givenBoxes?: boolean;
  tiles?: boolean;
  json?: boolean;
}

/** Adds `plategate bench accuracy`, `bench speed` and `bench loop`. */
export function register(program: Command): void {
  const bench = program
    .command("bench")
    .description("measure how well and how fast plates are read");
  bench
    .command("accuracy")
    .description("compare with labelled pictures: folders with labels.csv and images/")
    .argument("<folder...>", "folders with labels.csv")
    .addOption(engineOption())
    .option("--script <script>", "script of the plates: latin or thai", "latin")
    .addOption(
      new Option("--preset <preset>", "operating point of the detector")
        .choices(["gate", "road"])
        .default("gate"),
    )
    .option("--workers <n>", "worker threads", positive)
    .addOption(modelsOption())
    .option("--min-width <pixels>", "leave out narrower plates", Number, 0)
    .option("--only <list>", "file that names the pictures to take, one a line")
    .option("--out <folder>", "write contact sheets and lists of failures here")
    .option("--tiles", "look at large pictures in parts too, also when a plate is read without")
    .option("--no-tiles", "never look at pictures in parts")
    .option("--given-boxes", "read the labelled boxes; do not look for plates")
    .option("--json", "one JSON line a set")
    .action(accuracy);
  bench
    .command("speed")
    .description("wall and CPU time of each stage, and memory, beside PP-OCRv4")
    .argument("[image...]", "pictures to read; default a drawn one of 1280×720")
    .addOption(engineOption())
    .option("--script <script>", "script of the plates: latin or thai", "latin")
    .option("--repeats <n>", "rounds over all pictures", positive, 20)
    .option("--json", "one JSON line an engine")
    .action(speed);
  bench
    .command("loop")
    .description("delay of the main loop while a camera is read")
    .addOption(engineOption())
    .option("--seconds <n>", "how long", positive, 20)
    .option("--fps <n>", "frames a second", positive, 10)
    .option("--width <pixels>", "frame width", positive, 1920)
    .option("--height <pixels>", "frame height", positive, 1080)
    .option("--json", "one JSON line")
    .action(loop);
}

interface SpeedFlags {
  engine: NonNullable<VisionOptions["engine"]>;
  script: string;
  repeats: number;
  json?: boolean;
}

async function speed(files: string[], flags: SpeedFlags): Promise<void> {
  const { engine, script, repeats } = flags;
  const engines = engine === "ppocr" ? (["ppocr"] as const) : ([engine, "ppocr"] as const);
  const results = await measureSpeed(engines, { script, files, repeats });
  if (flags.json) {
    for (const r of results) console.log(JSON.stringify(r));
    return;
  }
  console.log(speedTable(results));
  const [own, other] = results.map(cpuOf);
  if (own !== undefined && other !== undefined) {
    console.log(`\nCPU time against PP-OCRv4: 1/${(other / own).toFixed(1)}`);
  }
}

interface LoopFlags {
  engine: NonNullable<VisionOptions["engine"]>;
  seconds: number;
  fps: number;
  width: number;
  height: number;
  json?: boolean;
}

async function loop({ engine, json, ...options }: LoopFlags): Promise<void> {
  const r = await measureLoop({ vision: { engine }, ...options });
  if (json) {
    console.log(JSON.stringify(r));
    return;
  }
  const size = `${options.width}×${options.height} at ${options.fps} frames a second`;
  console.log(`${r.engine}, ${size}, ${options.seconds} s`);
  console.log(`  frames ${r.frames}, read ${r.read}, dropped for newer ones ${r.dropped}`);
  console.log(`  frame to reads and a JPEG ${r.latencyMs.toFixed(0)} ms`);
  const ms = (v: number): string => v.toFixed(1);
  console.log(`  main loop's delay p50 ${ms(r.p50)} ms, p99 ${ms(r.p99)} ms, most ${ms(r.max)} ms`);
}

async function accuracy(folders: string[], flags: AccuracyFlags): Promise<void> {
  const { engine, script, preset } = flags;
  const vision: VisionOptions = { engine, script, preset };
  if (flags.workers !== undefined) vision.workers = flags.workers;
  if (flags.models !== undefined) vision.modelsFolder = flags.models;
  const options: AccuracyOptions = {
    vision,
    minWidth: flags.minWidth,
    givenBoxes: flags.givenBoxes ?? false,
    ...(flags.tiles === undefined ? {} : { tiles: flags.tiles }),
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(flags.out === undefined ? {} : { out: flags.out }),
  };
  const results: SetResult[] = [];
  for (const folder of folders) {
    const result = await measureSet(folder, options);
    results.push(result);
    console.log(flags.json ? JSON.stringify(result) : accuracyTable([result]) + "\n");
  }
  if (results.some((r) => r.errors > 0)) process.exitCode = 1;
}
