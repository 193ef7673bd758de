import { randomUUID } from "node:crypto";
import type { FrameRef, Passage, Read } from "../../core/messages";
import type { PixelFrame, VisionService } from "../../core/vision/ports";
import type { TrackerSettings } from "../../core/vision/tracking/settings";
import { PassageTracker, type PassageEvent } from "../../core/vision/tracking/tracker";
import { PassagePictures } from "./pictures";

/** A passage is not kept from a gate longer than this for want of its pictures, in ms. */
const PICTURE_WAIT_MS = 50;
/** The last version of a passage is for the record: its pictures may take this long, in ms. */
const FINAL_PICTURE_WAIT_MS = 5000;
/** Without input for the gap and this long, frames have stopped and time is made to pass, in ms. */
const SILENCE_MS = 1500;

/** Where the passages of a camera go, in order. */
export type Emit = (passage: Passage) => void | Promise<void>;

export interface CameraPassagesOptions {
  settings: TrackerSettings;
  /** Null where the node has no models: passages then have no pictures. */
  vision: (() => VisionService) | null;
  /** Of the zones it was made with. */
  version: string;
  /** Notes where a passage was. */
  placed: (passage: Passage) => void;
  /** A picture could not be made. */
  failed: (error: unknown) => void;
  emit: Emit;
  /** Names passages; random where it is left out. */
  newId?: () => string;
  /** How long the last version of a passage waits for its pictures, in ms. */
  finalPictureWaitMs?: number;
}

/** One camera's tracker with its pictures; sends passages in the order they happened. */
export class CameraPassages {
  readonly tracker: PassageTracker;
  readonly version: string;
  private readonly pictures: PassagePictures | null;
  private queue: Promise<void> = Promise.resolve();
  /** Events in the queue, with the passages whose pictures they need. */
  private readonly undelivered = new Map<PassageEvent, string>();
  private frameTime = 0;
  private fedAt = 0;

  constructor(
    cameraId: string,
    private readonly options: CameraPassagesOptions,
  ) {
    const { vision, failed, settings, newId = randomUUID } = options;
    this.version = options.version;
    this.tracker = new PassageTracker({ cameraId, newId }, settings);
    this.pictures = vision ? new PassagePictures(vision, failed) : null;
  }

  /**
   * Takes a frame's reads. Resolves when what came of it was sent.
   * @param pixels of the frame, where they are still there
   * @param now monotonic time in ms
   */
  feed(
    frame: FrameRef,
    pixels: PixelFrame | undefined,
    reads: readonly Read[],
    now: number,
    emit: Emit,
  ): Promise<void> {
    this.frameTime = frame.capturedAt;
    this.fedAt = now;
    this.pictures?.hold(pixels);
    return this.send(this.tracker.feed(frame, reads, pixels !== undefined), emit);
  }

  /** Ends passages by the clock where frames have stopped. */
  tick(now: number): Promise<void> {
    const silence = now - this.fedAt - SILENCE_MS;
    if (this.tracker.size === 0 || silence <= this.options.settings.gapMs) return this.queue;
    // whole milliseconds, as all times in the record
    const time = this.frameTime + Math.round(silence);
    return this.send(this.tracker.tick(time), this.options.emit);
  }

  /** The film is over: ends all passages with what is known of them. */
  finish(): Promise<void> {
    return this.send(this.tracker.flush(), this.options.emit);
  }

  /** Ends all passages; only those already sent get a last message. */
  close(): Promise<void> {
    return this.send(this.tracker.close(), this.options.emit);
  }

  private send(events: readonly PassageEvent[], emit: Emit): Promise<void> {
    const { pictures, tracker } = this;
    for (const { kind, passage } of events) {
      if (kind === "final") pictures?.prepare(passage.id, passage.best, true);
    }
    const turns = events.map((event) => {
      this.undelivered.set(event, event.passage.id);
      const turn = this.queue.then(() => this.deliver(event, emit));
      this.queue = turn.catch(() => undefined);
      return turn;
    });
    for (const { id, best, readable } of tracker.inView()) {
      // The first picture as soon as there is a text; a better one after each message.
      const sent = events.some((event) => event.passage.id === id);
      if (sent || (readable && !pictures?.has(id))) pictures?.prepare(id, best, false);
    }
    pictures?.keepOnly(new Set(tracker.inView().map(({ best }) => best?.frameId ?? "")));
    return Promise.all(turns).then(() => undefined);
  }

  private async deliver(event: PassageEvent, emit: Emit): Promise<void> {
    const { kind, passage } = event;
    const { finalPictureWaitMs = FINAL_PICTURE_WAIT_MS } = this.options;
    const wait = kind === "final" ? finalPictureWaitMs : PICTURE_WAIT_MS;
    await this.pictures?.attach(passage, wait);
    this.undelivered.delete(event);
    const alive = this.tracker.inView().map(({ id }) => id);
    this.pictures?.forgetAllBut(new Set([...alive, ...this.undelivered.values()]));
    this.options.placed(passage);
    await emit(passage);
  }
}
