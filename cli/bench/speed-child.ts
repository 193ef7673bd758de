/** Measures one engine in a process of its own, so that its memory is its own: prints one JSON line. */
import { readFile } from "node:fs/promises";
import { Engine } from "../../adapters/vision/engine";
import { decodePicture, MAX_PIXELS } from "../../adapters/vision/pictures";
import type { EngineOptions } from "../../workers/protocol";
import { samplePicture } from "./sample";
import type { EngineSpeed, Stage } from "./speed";

interface Task {
  engine: EngineOptions["engine"];
  script: string;
  files: string[];
  repeats: number;
}

const STAGES = ["decode", "detect", "read"] as const;

/** Wall and CPU milliseconds of a piece of work; all threads of this process count. */
async function timed<T>(into: Stage, work: () => Promise<T>): Promise<T> {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const used = process.cpuUsage(cpu);
  into.wall.push(performance.now() - wall);
  into.cpu.push((used.user + used.system) / 1000);
  return result;
}

async function measure({ engine: name, script, files, repeats }: Task): Promise<EngineSpeed> {
  const before = process.memoryUsage.rss();
  const options: EngineOptions = { engine: name, script, preset: "gate", maxPixels: MAX_PIXELS };
  const engine = await Engine.load(options);
  const sample = await samplePicture(1280, 720).jpeg({ quality: 88 }).toBuffer();
  const pictures = files.length > 0 ? await Promise.all(files.map((f) => readFile(f))) : [sample];
  const stages = Object.fromEntries(
    STAGES.map((s): [string, Stage] => [s, { wall: [], cpu: [] }]),
  ) as EngineSpeed["stages"];
  let plates = 0;
  // the first round warms caches and is not counted
  for (let round = 0; round <= repeats; round++) {
    if (round === 1) for (const s of STAGES) stages[s] = { wall: [], cpu: [] };
    plates = 0;
    for (const picture of pictures) {
      const source = await timed(stages.decode, () => decodePicture(picture));
      const found = await timed(stages.detect, () => engine.find(source, {}));
      await timed(stages.read, () => engine.readAll(source, found, {}, { id: "", capturedAt: 0 }));
      plates += found.length;
    }
  }
  const { engine: engineName, models } = engine.info();
  return {
    asked: name,
    engine: engineName,
    models: models.map((m) => m.id),
    pictures: pictures.length,
    plates,
    stages,
    peakMb: process.resourceUsage().maxRSS / 1024,
    beforeMb: before / 1048576,
  };
}

measure(JSON.parse(process.argv[2] ?? "{}") as Task).then(
  (result) => console.log(JSON.stringify(result)),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
