import type { Box, Corners, Detection, Point, Read } from "../messages";

/**
 * Pixels of one frame. `data` is shared memory, so that handing it to a worker
 * costs nothing; it is never written after the frame was made.
 * - `i420`: planes Y (w*h), U and V (ceil(w/2)*ceil(h/2) each), BT.601 limited range
 * - `rgb24`: interleaved R, G, B
 * - `encoded`: a JPEG, PNG or WebP file as it came; EXIF orientation not yet applied
 */
export interface PixelFrame {
  id: string;
  cameraId: string;
  laneId: string | null;
  seq: number;
  capturedAt: number;
  width: number;
  height: number;
  format: "i420" | "rgb24" | "encoded";
  data: SharedArrayBuffer;
}

/** Work that nobody waits for, such as a video's, lets a live camera's go first. */
export interface Urgency {
  background?: boolean;
}

export interface DetectOptions extends Urgency {
  /** Detections below are left out; default from the model's card. */
  minConfidence?: number;
  /** Plates narrower than this many pixels are left out. */
  minWidth?: number;
  /** Only plates whose centre is inside one of these polygons (pixels). */
  zones?: Point[][];
  /** Look only at this part of the frame (pixels). */
  region?: Box;
  /**
   * Cut large frames into overlapping tiles, so that far plates are found. Left
   * out, `recognize` does so where it reads nothing without.
   */
  tiles?: boolean;
}

export interface ReadOptions extends Urgency {
  /** "latin" (default) or "thai". */
  script?: string;
  /** Reads below are marked not readable. */
  minConfidence?: number;
}

export interface EncodeOptions {
  /** Longest side of the picture in pixels; larger frames are made smaller. */
  maxSide?: number;
  quality?: number;
  /** Only this part, rectified when corners are given. */
  crop?: { box: Box; corners?: Corners | null; margin?: number };
}

export interface RecognizeResult {
  width: number;
  height: number;
  reads: Read[];
  ms: number;
}

/** Names the engine and models that answer, for cards, logs and events. */
export interface VisionInfo {
  engine: string;
  models: { id: string; version: string }[];
  workers: number;
}

/** Everything that looks at pixels; runs off the main thread. */
export interface VisionService {
  /** Resolves when the models are loaded and warmed up; rejects with what is wrong. */
  ready(): Promise<VisionInfo>;
  detect(frame: PixelFrame, options?: DetectOptions): Promise<Detection[]>;
  /** One read per detection, in the same order. */
  read(frame: PixelFrame, detections: Detection[], options?: ReadOptions): Promise<Read[]>;
  /** JPEG of the frame or a part of it. */
  encode(frame: PixelFrame, options?: EncodeOptions): Promise<Buffer>;
  /** Decode, detect and read one picture file (JPEG, PNG, WebP; EXIF applied), best plate first. */
  recognize(picture: Buffer, options?: DetectOptions & ReadOptions): Promise<RecognizeResult>;
  /** Jobs waiting or running. */
  pending(): number;
  close(): Promise<void>;
}

/** What a picture or model did wrong, with a code that travels to the API. */
export class VisionError extends Error {
  constructor(
    readonly code:
      | "picture_invalid"
      | "picture_too_large"
      | "frame_gone"
      | "model_missing"
      | "model_invalid"
      | "worker_died"
      | "busy"
      | "closed",
    message: string,
  ) {
    super(message);
    this.name = "VisionError";
  }
}
