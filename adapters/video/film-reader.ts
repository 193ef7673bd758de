import { setTimeout as pause } from "node:timers/promises";
import { CameraError } from "../cameras/errors";
import { ffmpegSession } from "../cameras/ffmpeg-session";
import type { RawPicture, Session } from "../cameras/types";
import { refOf } from "../frames/frame-store";
import { CameraPassages } from "../passages/camera-passages";
import { placePassage, registeredZones, withZones } from "../passages/registered-zones";
import type { FrameRef, Passage, Read } from "../../core/messages";
import {
  type DetectOptions,
  type PixelFrame,
  type ReadOptions,
  VisionError,
  type VisionService,
} from "../../core/vision/ports";
import { NOT_A_PLATE } from "../../core/vision/plate-alphabet";
import type { TrackerSettings } from "../../core/vision/tracking/settings";

/** A film that gives no frame for so long while we wait for one is broken, in ms. */
const STALL_MS = 60_000;
/** The final picture of a passage is waited for; this is only against waiting for ever. */
const PICTURE_WAIT_MS = 600_000;
/** Waiting for a place in the queue of pictures, in ms. */
const BUSY_MS = 50;
/** A thread that died takes its picture along; it is looked at again so often. */
const TRIES = 3;

/** A film and how it is looked at. */
export interface FilmWork {
  path: string;
  /** ffmpeg's name of the container. */
  format: string;
  /** Names frames, so that they are told from those of other films. */
  id: string;
  cameraId: string;
  laneId: string | null;
  /** Capture time of the film's beginning, ms since the epoch. */
  takenAt: number;
  /** Frames a second that are looked at. */
  fps: number;
  /** The frame to begin at, counted at `fps` from the film's beginning. */
  startFrame: number;
  detect: DetectOptions;
  read: ReadOptions;
  tracker: TrackerSettings;
  /** Frames looked at at one time. */
  atOnce: number;
  vision: VisionService;
  signal: AbortSignal;
  /** The id of the n-th passage that begins in a frame: the same whenever the film is read. */
  passageId: (frame: number, nth: number) => string;
  /** A passage is over. */
  onPassage: (passage: Passage) => Promise<void>;
  /** A frame is done, and all passages that ended with it. @param quiet no vehicle is in view */
  onFrame: (done: { frame: FrameRef; reads: Read[]; quiet: boolean }) => void;
  /** Damage in the film that was got over. */
  onDamage: (reason: string) => void;
}

/** Reads films frame by frame: nothing is dropped, and the decoder waits for the reader. */
export class FilmReader {
  private next: number;
  private inHand = 0;
  private tail: Promise<void> = Promise.resolve();
  private failure: Error | null = null;
  private passages: CameraPassages | null = null;
  private session: Session | null = null;
  private awaitedSince = Date.now();
  private release: () => void = () => undefined;
  private born = { frame: -1, count: 0 };

  constructor(private readonly work: FilmWork) {
    this.next = work.startFrame;
  }

  /**
   * Reads to the end of the film.
   * @returns frames of the film that were read, those before `startFrame` included
   * @throws CameraError for a film that cannot be read on, VisionError where the reader
   *   is down, the signal's reason where it is aborted
   */
  async run(): Promise<number> {
    const { signal, path, format, fps, startFrame, takenAt, cameraId, laneId } = this.work;
    signal.throwIfAborted();
    const session = ffmpegSession(
      {
        cameraId,
        laneId,
        input: { kind: "file", path, format },
        fps,
        pace: "consumer",
        film: { startSeconds: startFrame / fps, takenAt },
      },
      {
        picture: (raw) => this.take(raw),
        broken: (reason) => this.work.onDamage(reason),
        info: () => undefined,
      },
    );
    this.session = session;
    const stop = (): void => this.end(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    const watch = setInterval(() => this.watch(), 1_000);
    try {
      await session.done.catch(async (error: unknown) => {
        await this.tail; // what came before it broke off counts
        this.fail(error);
      });
    } finally {
      clearInterval(watch);
      signal.removeEventListener("abort", stop);
      await session.stop();
      await this.tail;
    }
    const brokeOff = this.failure instanceof CameraError;
    if (this.failure === null || brokeOff) await this.passages?.finish();
    if (this.failure !== null) throw this.failure;
    return this.next;
  }

  /** Whether any frame came. */
  get started(): boolean {
    return this.next > this.work.startFrame;
  }

  /** Resolves when another frame may come. */
  private take(raw: RawPicture): Promise<void> {
    const { id, cameraId, laneId, atOnce } = this.work;
    const seq = this.next++;
    const frame: PixelFrame = { ...raw, id: `${id}-${seq}`, cameraId, laneId, seq };
    const looked = this.look(frame);
    looked.catch(() => undefined); // told below, in its turn
    this.inHand++;
    this.tail = this.tail
      .then(async () => {
        if (this.failure === null) await this.feed(frame, await looked);
      })
      .catch((error: unknown) => this.end(error))
      .finally(() => {
        this.inHand--;
        this.awaitedSince = Date.now();
        this.release();
      });
    if (this.inHand < atOnce) return Promise.resolve();
    return new Promise((resolve) => (this.release = resolve));
  }

  /** Finds and reads the plates of a frame; waits where other work is before it. */
  private async look(frame: PixelFrame): Promise<Read[]> {
    const { vision, detect, read } = this.work;
    for (let deaths = 0; ;) {
      try {
        const found = await vision.detect(frame, { ...detect, background: true });
        if (found.length === 0) return [];
        const reads = await vision.read(frame, found, { ...read, background: true });
        return reads.filter(({ reason }) => reason !== NOT_A_PLATE);
      } catch (error) {
        const code = error instanceof VisionError ? error.code : null;
        if (code === "worker_died" && ++deaths < TRIES) continue;
        if (code !== "busy") throw error;
        await pause(BUSY_MS, undefined, { signal: this.work.signal });
      }
    }
  }

  private async feed(frame: PixelFrame, reads: Read[]): Promise<void> {
    const ref = refOf(frame);
    const { work } = this;
    this.passages ??= this.passagesOf(ref);
    this.born = { frame: frame.seq, count: 0 };
    await this.passages.feed(ref, frame, reads, 0, (passage) => this.tell(passage));
    work.onFrame({ frame: ref, reads, quiet: this.passages.tracker.size === 0 });
  }

  private passagesOf(frame: FrameRef): CameraPassages {
    const { tracker, vision, cameraId, passageId } = this.work;
    const places = registeredZones(frame);
    return new CameraPassages(cameraId, {
      settings: withZones(tracker, places),
      version: "",
      vision: () => vision,
      newId: () => passageId(this.born.frame, this.born.count++),
      placed: (passage) => placePassage(passage, places, frame),
      failed: (error) => this.work.onDamage(`a picture could not be made: ${String(error)}`),
      finalPictureWaitMs: PICTURE_WAIT_MS,
      emit: (passage) => this.tell(passage),
    });
  }

  private async tell(passage: Passage): Promise<void> {
    if (passage.state === "final") await this.work.onPassage(passage);
  }

  private watch(): void {
    if (this.inHand > 0 || Date.now() - this.awaitedSince < STALL_MS) return;
    this.end(new CameraError("stalled", `no picture for ${STALL_MS / 1000} s`));
  }

  private fail(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new Error(String(error));
  }

  /** Stops reading, because of an error or as somebody wishes. */
  private end(error: unknown): void {
    this.fail(error);
    void this.session?.stop();
    this.release();
  }
}
