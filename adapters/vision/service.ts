import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Detection, Read } from "../../core/messages";
import type {
  DetectOptions,
  EncodeOptions,
  PixelFrame,
  ReadOptions,
  RecognizeResult,
  VisionInfo,
  VisionService,
} from "../../core/vision/ports";
import { gauge, histogram } from "../metrics/metrics";
import { WorkerPool } from "../../workers/pool";
import type { EngineInfo, EngineOptions, VisionJob, VisionResult } from "../../workers/protocol";
import { MAX_PIXELS } from "./pictures";

export interface VisionOptions extends Partial<EngineOptions> {
  /** Worker threads; default one less than the cores, 1 or 2. */
  workers?: number;
  /** Pictures that may wait before more are refused with "busy". */
  queue?: number;
}

const WORKER_FILE = join(__dirname, "..", "..", "workers", "vision-worker.js");
const QUEUE = 32;

const durations = histogram(
  "plategate_inference_seconds",
  "How long pictures take in the workers, waiting included",
  ["job"],
);

/** Jobs done since the start and their mean duration in ms, by kind; waiting included. */
export async function inferenceTimes(): Promise<Record<string, { count: number; mean: number }>> {
  const { values } = await durations.get();
  const of = (ending: string): Map<string, number> =>
    new Map(
      values
        .filter(({ metricName }) => metricName?.endsWith(ending))
        .map(({ labels, value }) => [String(labels.job), value]),
    );
  const sums = of("_sum");
  return Object.fromEntries(
    [...of("_count")].map(([job, count]) => {
      const mean = ((sums.get(job) ?? 0) / Math.max(1, count)) * 1000;
      return [job, { count, mean: Math.round(mean * 10) / 10 }];
    }),
  );
}

/** Measures a job that succeeds. */
async function timed<T>(job: string, work: Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work;
  durations.observe({ job }, (performance.now() - started) / 1000);
  return result;
}

/** One less than the cores, 1 or 2: Node-RED and ffmpeg want one too. */
export function defaultWorkers(): number {
  return Math.min(Math.max(availableParallelism() - 1, 1), 2);
}

/** A car waits for reads, nobody for a picture; what is begun is finished first. */
const PRIORITY = { read: 2, detect: 1, background: -1 };

/** Starts the worker threads that decode, detect, read and encode. */
export function createVisionService(options: VisionOptions = {}): VisionService {
  return new PooledVision(options);
}

/** The vision service on a pool of worker threads. */
export class PooledVision implements VisionService {
  readonly pool: WorkerPool<VisionJob, VisionResult, EngineInfo>;
  private readonly workers: number;

  constructor(options: VisionOptions) {
    const { workers = defaultWorkers(), queue = QUEUE, modelsFolder } = options;
    const data: EngineOptions = {
      engine: options.engine ?? "auto",
      script: options.script ?? "latin",
      preset: options.preset ?? "gate",
      maxPixels: options.maxPixels ?? MAX_PIXELS,
      ...(modelsFolder === undefined ? {} : { modelsFolder }),
    };
    this.workers = Math.max(1, Math.floor(workers));
    this.pool = new WorkerPool({ file: WORKER_FILE, data, size: this.workers, queue });
    gauge("plategate_inference_waiting", "Pictures that wait for a worker", [], (own) =>
      own.set(this.pool.pending()),
    );
  }

  async ready(): Promise<VisionInfo> {
    return { ...(await this.pool.ready()), workers: this.workers };
  }

  async detect(frame: PixelFrame, options: DetectOptions = {}): Promise<Detection[]> {
    const job = { kind: "detect" as const, frame, options };
    const priority = options.background ? PRIORITY.background : PRIORITY.detect;
    const found = this.pool.run(job, frame.id, [], priority);
    return (await timed("detect", found)) as Detection[];
  }

  async read(
    frame: PixelFrame,
    detections: Detection[],
    options: ReadOptions = {},
  ): Promise<Read[]> {
    if (detections.length === 0) return [];
    const job = { kind: "read" as const, frame, detections, options };
    const priority = options.background ? PRIORITY.background : PRIORITY.read;
    const found = this.pool.run(job, frame.id, [], priority);
    return (await timed("read", found)) as Read[];
  }

  async encode(frame: PixelFrame, options: EncodeOptions = {}): Promise<Buffer> {
    const job = { kind: "encode" as const, frame, options };
    const jpeg = (await timed("encode", this.pool.run(job, frame.id))) as Uint8Array;
    return Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  }

  async recognize(
    picture: Buffer,
    options: DetectOptions & ReadOptions = {},
  ): Promise<RecognizeResult> {
    // a copy of its own, so that it can be handed over whole and the caller keeps his
    const copy = new Uint8Array(picture);
    const job = { kind: "recognize" as const, picture: copy, options, at: Date.now() };
    const done = this.pool.run(job, undefined, [copy.buffer]);
    return (await timed("recognize", done)) as RecognizeResult;
  }

  pending(): number {
    return this.pool.pending();
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
