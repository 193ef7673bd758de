import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { acquireStore } from "../../adapters/store/store";
import { createVisionService } from "../../adapters/vision/service";
import { videoWork, VIDEO_FPS } from "../../adapters/video/video-work";
import { NEWEST_FIRST } from "../../core/events/filters";
import { DEFAULT_TRACKER_SETTINGS } from "../../core/vision/tracking/settings";
import { film, GATE_FILM } from "../fixtures/films";

/**
 * How long a video takes, and whether each vehicle is found once: the rendered film of the
 * demo gate (two cars in 29 s), again and again at 1920x1080 and 25 frames a second with
 * the noise of a camera, so that the decoder has real work.
 */
const FILM_SECONDS = 29;
const PLATES = ["KX48PLG", "BGT7305"];
const TICKS = 100;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "10" },
      fps: { type: "string", default: String(VIDEO_FPS) },
      /** Where the film is kept for another time; made where it is not there. */
      film: { type: "string" },
      "only-make": { type: "boolean", default: false },
    },
  });
  const rounds = Math.max(1, Math.round((Number(values.minutes) * 60) / FILM_SECONDS));
  const seconds = rounds * FILM_SECONDS;
  const folder = await mkdtemp(join(tmpdir(), "plategate-bench-"));
  try {
    print(`making ${seconds} s of film …`);
    const made = values.film ?? join(folder, "road.mp4");
    const path = existsSync(made) ? made : await makeFilm(made, rounds);
    if (values["only-make"]) return;
    const { size } = await stat(path);
    print(`${(size / 1e6).toFixed(0)} MB; ${cpus().length} cores, load ${load()}`);
    await measure(folder, path, Number(values.fps), seconds, rounds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One round is encoded, the others are copies of it: decoding costs the same. */
async function makeFilm(path: string, rounds: number): Promise<string> {
  const look = "scale=1920:1080,fps=25,noise=alls=5:allf=t";
  const round = await film(
    `${path}.round.mp4`,
    ...["-t", String(FILM_SECONDS), "-i", GATE_FILM, "-vf", look, "-an"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-pix_fmt", "yuv420p"],
  );
  return film(path, "-stream_loop", String(rounds - 1), "-i", round, "-c", "copy");
}

async function measure(
  home: string,
  path: string,
  fps: number,
  seconds: number,
  rounds: number,
): Promise<void> {
  const lease = await acquireStore({ home, url: "", log: () => undefined, env: {} });
  const { store } = lease;
  const vision = createVisionService();
  await vision.ready();
  try {
    const job = await store.jobs.create({ kind: "video", createdBy: "bench", filePath: path });
    const work = videoWork({
      fps,
      tiles: false,
      tracker: DEFAULT_TRACKER_SETTINGS,
      siteId: null,
      vision,
      store,
    });
    const before = cpuSeconds();
    const started = performance.now();
    const signal = new AbortController().signal;
    const { report } = await work(job, { signal, report: () => undefined });
    const wall = (performance.now() - started) / 1000;
    const after = cpuSeconds();
    const { events } = await store.open();
    const { items } = await events.list({ jobId: job.id }, { ...NEWEST_FIRST, limit: 1000 });
    const of = (plate: string): number =>
      items.filter(({ plateText }) => plateText === plate).length;
    const own = after.own - before.own;
    const ffmpeg = after.children - before.children;
    print(`wall ${wall.toFixed(1)} s for ${seconds} s of film, load ${load()}`);
    print(
      `CPU ${own.toFixed(1)} s reading + ${ffmpeg.toFixed(1)} s decoding = ` +
        `${((own + ffmpeg) / seconds).toFixed(2)} CPU seconds a second of film`,
    );
    print(`frames looked at: ${report.counts["frames"]}, plates ${report.counts["plates"]}`);
    for (const plate of PLATES) print(`${plate}: ${of(plate)} of ${rounds} passages`);
    const other = items.filter(({ plateText }) => !PLATES.includes(plateText));
    print(`anything else: ${other.map(({ plateText }) => plateText).join() || "nothing"}`);
    process.exitCode = other.length === 0 && PLATES.every((plate) => of(plate) === rounds) ? 0 : 1;
  } finally {
    await vision.close();
    await lease.release();
  }
}

/** CPU time of this process with its threads, and of children that have ended. */
function cpuSeconds(): { own: number; children: number } {
  const { user, system } = process.cpuUsage();
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return {
    own: (user + system) / 1e6,
    children: (Number(fields[13]) + Number(fields[14])) / TICKS,
  };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const load = (): string => (loadavg()[0] ?? 0).toFixed(1);

void main();
