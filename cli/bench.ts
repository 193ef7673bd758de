import { type Command, Option } from "commander";
import type { VisionOptions } from "../adapters/vision/service";
import { type AccuracyOptions, measureSet, type SetResult } from "./bench/accuracy";
import { accuracyTable } from "./bench/print";
import { engineOption, positive } from "./read";

interface AccuracyFlags {
  engine: NonNullable<VisionOptions["engine"]>;
  script: string;
  preset: "gate" | "road";
  workers?: number;
  minWidth: number;
  only?: string;
  out?: string;
  givenBoxes?: boolean;
  json?: boolean;
}

/** Adds `plategate bench accuracy` and `plategate bench speed`. */
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
    .option("--min-width <pixels>", "leave out narrower plates", Number, 0)
    .option("--only <list>", "file that names the pictures to take, one a line")
    .option("--out <folder>", "write contact sheets and lists of failures here")
    .option("--given-boxes", "read the labelled boxes; do not look for plates")
    .option("--json", "one JSON line a set")
    .action(accuracy);
}

async function accuracy(folders: string[], flags: AccuracyFlags): Promise<void> {
  const { engine, script, preset } = flags;
  const options: AccuracyOptions = {
    vision: { engine, script, preset, ...(flags.workers ? { workers: flags.workers } : {}) },
    minWidth: flags.minWidth,
    givenBoxes: flags.givenBoxes ?? false,
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
