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

/** One less than the cores, 1 or 2: Node-RED and ffmpeg want one too. */
export function defaultWorkers(): number {
  return Math.min(Math.max(availableParallelism() - 1, 1), 2);
}

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
  }

  async ready(): Promise<VisionInfo> {
    return { ...(await this.pool.ready()), workers: this.workers };
  }

  async detect(frame: PixelFrame, options: DetectOptions = {}): Promise<Detection[]> {
    return (await this.pool.run({ kind: "detect", frame, options }, frame.id)) as Detection[];
  }

  async read(
    frame: PixelFrame,
    detections: Detection[],
    options: ReadOptions = {},
  ): Promise<Read[]> {
    if (detections.length === 0) return [];
    const job = { kind: "read" as const, frame, detections, options };
    return (await this.pool.run(job, frame.id)) as Read[];
  }

  async encode(frame: PixelFrame, options: EncodeOptions = {}): Promise<Buffer> {
    const jpeg = (await this.pool.run({ kind: "encode", frame, options }, frame.id)) as Uint8Array;
    return Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  }

  async recognize(
    picture: Buffer,
    options: DetectOptions & ReadOptions = {},
  ): Promise<RecognizeResult> {
    // a copy of its own, so that it can be handed over whole and the caller keeps his
    const copy = new Uint8Array(picture);
    const job = { kind: "recognize" as const, picture: copy, options, at: Date.now() };
    return (await this.pool.run(job, undefined, [copy.buffer])) as RecognizeResult;
  }

  pending(): number {
    return this.pool.pending();
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
