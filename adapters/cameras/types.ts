import type { PixelFrame } from "../../core/vision/ports";
import type { CameraErrorCode } from "./errors";

/** Where pictures come from. */
export type CameraInput =
  | { kind: "rtsp"; url: string; transport: "tcp" | "udp" }
  /** Any other address that ffmpeg reads (rtmp, srt, hls …). */
  | { kind: "stream"; url: string }
  /** MJPEG (multipart/x-mixed-replace) or single pictures, as the server answers. */
  | { kind: "http"; url: string; user: string; password: string }
  /** @param format ffmpeg's name of the container; no other is then taken, nor what it refers to */
  | { kind: "file"; path: string; format?: string }
  | { kind: "folder"; path: string };

export interface CameraSettings {
  cameraId: string;
  laneId: string | null;
  input: CameraInput;
  /** At most so many frames a second; 0 = as they come. */
  fps?: number;
  /** Decode key frames only: about a seventh of the work, one or two frames a second. */
  keyFramesOnly?: boolean;
  /** Frames wider than this are made smaller (streams and files). */
  maxWidth?: number;
  /** Only this part of the picture: left, top, width, height as shares 0..1 (streams and files). */
  region?: [x: number, y: number, w: number, h: number];
  /** ffmpeg's `-hwaccel`: "auto", "vaapi", "cuda" …; empty = decode on the CPU. */
  hwaccel?: string;
  /** Milliseconds between pictures of a snapshot address or a folder. Default 1000. */
  intervalMs?: number;
  /** Begin a file or folder again at its end. */
  loop?: boolean;
  /** Folder: wait for new pictures at its end. */
  watch?: boolean;
  /**
   * File: "camera" (default) plays at its own speed; "consumer" reads on when `onFrame`
   * has settled, loses nothing and stamps frames with their time in the film.
   */
  pace?: "camera" | "consumer";
  /** A film that is read on its own account: where to begin, and when it was taken. */
  film?: {
    startSeconds: number;
    /** Capture time of the film's beginning, ms since the epoch. */
    takenAt: number;
  };
  /** Give up on a connection without a first frame after this long. Default 10 000. */
  connectTimeoutMs?: number;
  /** Connect again when no frame came for this long. Default 10 000. */
  stallMs?: number;
  /** Connect again after errors. Default true, except for a file or folder that is played once. */
  retry?: boolean;
  /** First and longest wait before connecting again. Default 1000 and 30 000. */
  backoffMs?: { first: number; most: number };
  /** Accept certificates that no authority signed (https). */
  insecureTls?: boolean;
}

/** What is known of a stream. */
export interface StreamInfo {
  codec: string;
  width: number;
  height: number;
  /** As the stream says; null where it does not. */
  fps: number | null;
}

export type CameraStateName =
  "connecting" | "live" | "reconnecting" | "ended" | "failed" | "closed";

export interface CameraState {
  state: CameraStateName;
  /** Why it is not live, for people; never holds a password. */
  error: { code: CameraErrorCode; message: string } | null;
  /** Milliseconds until the next try, while reconnecting. */
  retryInMs: number | null;
  /** Failed tries in a row. */
  attempt: number;
  info: StreamInfo | null;
}

export interface CameraStats {
  frames: number;
  /** Frames that were replaced by newer ones before the consumer took them. */
  dropped: number;
  /** Pictures that could not be used, with the last reason. */
  broken: number;
  lastBroken: string | null;
  reconnects: number;
  /** Measured over the last seconds. */
  fps: number;
}

export interface CameraCallbacks {
  /** A new frame. While a returned promise is pending only the newest is kept. */
  onFrame: (frame: PixelFrame) => void | Promise<void>;
  onState?: (state: CameraState) => void;
  /** A picture that was skipped, and why. */
  onBroken?: (reason: string) => void;
}

/** A running camera. */
export interface CameraSource {
  readonly state: CameraState;
  stats(): CameraStats;
  /** Resolves when processes, sockets and timers are gone. */
  close(): Promise<void>;
  /** Resolves when it will send no more: ended, failed or closed. */
  readonly finished: Promise<CameraState>;
}

/** A picture as a session hands it on. */
export interface RawPicture {
  width: number;
  height: number;
  format: PixelFrame["format"];
  data: SharedArrayBuffer;
  /** Milliseconds since the epoch. */
  capturedAt: number;
}

/** What a session tells its supervisor. */
export interface SessionSink {
  /** Resolves when the next may come; only a session in "consumer" pace waits for it. */
  picture: (picture: RawPicture) => void | Promise<void>;
  broken: (reason: string) => void;
  info: (info: StreamInfo) => void;
}

/** One connection, from opening to its end. */
export interface Session {
  /** Resolves at the natural end, rejects with a CameraError. */
  readonly done: Promise<void>;
  /** Frees everything; resolves when it is gone. */
  stop: () => Promise<void>;
}
