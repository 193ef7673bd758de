import { randomUUID } from "node:crypto";
import { frames } from "../../adapters/frames/frame-store";
import type { FrameRef, Passage, Read } from "../../core/messages";
import type { VisionService } from "../../core/vision/ports";
import type { TrackerSettings } from "../../core/vision/tracking/settings";
import { PassageTracker, type PassageEvent } from "../../core/vision/tracking/tracker";
import { PassagePictures } from "./pictures";

/** A passage is not kept from a gate longer than this for want of its pictures, in ms. */
const PICTURE_WAIT_MS = 150;
/** The last version of a passage is for the record: its pictures may take this long, in ms. */
const FINAL_PICTURE_WAIT_MS = 5000;
/** Without input for the gap and this long, frames have stopped and time is made to pass, in ms. */
const SILENCE_MS = 1500;

/** Where the passages of a camera go, in order. */
export type Emit = (passage: Passage) => void;

interface Options {
  settings: TrackerSettings;
  /** Null where the node has no models: passages then have no pictures. */
  vision: (() => VisionService) | null;
  /** A picture could not be made. */
  failed: (error: unknown) => void;
  emit: Emit;
}

/** One camera's tracker with its pictures; sends passages in the order they happened. */
export class CameraPassages {
  readonly tracker: PassageTracker;
  private readonly pictures: PassagePictures | null;
  private queue: Promise<void> = Promise.resolve();
  private frameTime = 0;
  private fedAt = 0;

  constructor(
    cameraId: string,
    private readonly options: Options,
  ) {
    const { vision, failed, settings } = options;
    this.tracker = new PassageTracker({ cameraId, newId: randomUUID }, settings);
    this.pictures = vision ? new PassagePictures(vision, failed) : null;
  }

  /**
   * Takes a frame's reads. Resolves when what came of it was sent.
   * @param now monotonic time in ms
   */
  feed(frame: FrameRef, reads: readonly Read[], now: number, emit: Emit): Promise<void> {
    this.frameTime = frame.capturedAt;
    this.fedAt = now;
    const pixels = frames.get(frame.id);
    this.pictures?.hold(pixels);
    return this.send(this.tracker.feed(frame, reads, pixels !== undefined), emit);
  }

  /** Ends passages by the clock where frames have stopped. */
  tick(now: number): Promise<void> {
    const silence = now - this.fedAt - SILENCE_MS;
    if (this.tracker.size === 0 || silence <= this.options.settings.gapMs) return this.queue;
    return this.send(this.tracker.tick(this.frameTime + silence), this.options.emit);
  }

  /** Ends all passages; only those already sent get a last message. */
  close(): Promise<void> {
    return this.send(this.tracker.close(), this.options.emit);
  }

  private send(events: readonly PassageEvent[], emit: Emit): Promise<void> {
    const turns = events.map((event) => {
      const pictures = this.pictures?.of(event.passage);
      const turn = this.queue.then(() => this.deliver(event, pictures, emit));
      this.queue = turn.catch(() => undefined);
      return turn;
    });
    this.pictures?.keepOnly(this.tracker.wantedFrames());
    return Promise.all(turns).then(() => undefined);
  }

  private async deliver(
    { kind, passage }: PassageEvent,
    pictures: Promise<Passage["images"]> | undefined,
    emit: Emit,
  ): Promise<void> {
    if (pictures) {
      const patience = kind === "final" ? FINAL_PICTURE_WAIT_MS : PICTURE_WAIT_MS;
      const images = await inTime(pictures, patience);
      if (images) passage.images = images;
    }
    if (kind === "final") this.pictures?.forget(passage.id);
    emit(passage);
  }
}

/** What a promise gives, or null where it takes longer than `ms`. */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
