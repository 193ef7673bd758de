import type { Detection, Read } from "../core/messages";
import type {
  DetectOptions,
  EncodeOptions,
  PixelFrame,
  ReadOptions,
  RecognizeResult,
  VisionError,
  VisionInfo,
} from "../core/vision/ports";

/** Which models a worker loads; travels as `workerData`. */
export interface EngineOptions {
  /** "auto": our own models where they are, PP-OCR where they are not. */
  engine: "auto" | "plategate" | "ppocr";
  /** Script of the reader that is loaded at start; others are loaded when asked for. */
  script: string;
  /** Operating point of the detector: precision first at a gate, recall first on a road. */
  preset: "gate" | "road";
  /** Largest picture that is decoded, in pixels. */
  maxPixels: number;
  /** Folder with `manifest.json`; default the package's own. */
  modelsFolder?: string;
}

/** What a worker is asked to do, and what it answers with. */
export interface VisionJobs {
  detect: { job: { frame: PixelFrame; options: DetectOptions }; result: Detection[] };
  read: {
    job: { frame: PixelFrame; detections: Detection[]; options: ReadOptions };
    result: Read[];
  };
  encode: { job: { frame: PixelFrame; options: EncodeOptions }; result: Uint8Array };
  recognize: {
    job: { picture: Uint8Array; options: DetectOptions & ReadOptions; at: number };
    result: RecognizeResult;
  };
}

export type VisionJob = {
  [K in keyof VisionJobs]: { kind: K } & VisionJobs[K]["job"];
}[keyof VisionJobs];
export type VisionResult = VisionJobs[keyof VisionJobs]["result"];

/** An error as it crosses threads. */
export interface PlainError {
  code: VisionError["code"] | null;
  message: string;
}

export type ToWorker<Job> = { id: number; job: Job } | { close: true };
export type FromWorker<Result, Info> =
  | { ready: Info }
  | { failed: PlainError }
  | { id: number; result: Result }
  | { id: number; error: PlainError };

/** What an engine says of itself; the pool adds how many run it. */
export type EngineInfo = Omit<VisionInfo, "workers">;
export type VisionFromWorker = FromWorker<VisionResult, EngineInfo>;
