import { EventEmitter } from "node:events";
import type { FrameRef } from "../../core/messages";
import type { PixelFrame } from "../../core/vision/ports";

/**
 * Frames kept per camera; older ones are forgotten and count as expired for who asks.
 * Long enough for a stage that takes its time at 10 frames a second, and bounded in
 * bytes for cameras of high resolution.
 */
const KEEP_FRAMES = 40;
const KEEP_BYTES = 96 * 1024 * 1024;
/** Kept even when they are larger than that together. */
const KEEP_AT_LEAST = 8;
/** Of so many newest frames the partner in high resolution is kept. */
const KEEP_HIGH = 6;

/**
 * The frames that messages name by id. One per process: source nodes put frames
 * in, the nodes after them look them up. Who needs a frame longer than the ring
 * lasts keeps the object itself; memory is freed when nobody does.
 */
export class FrameStore extends EventEmitter {
  private readonly byId = new Map<string, PixelFrame>();
  private readonly byCamera = new Map<string, PixelFrame[]>();
  private readonly highById = new Map<string, PixelFrame>();

  /**
   * Stores a frame, forgets the camera's oldest, and tells listeners of "frame".
   * @param high the same moment in high resolution, where the camera has two streams
   */
  put(frame: PixelFrame, high?: PixelFrame | null): FrameRef {
    const ring = this.byCamera.get(frame.cameraId) ?? [];
    this.byCamera.set(frame.cameraId, ring);
    ring.push(frame);
    this.byId.set(frame.id, frame);
    const limit = Math.max(
      KEEP_AT_LEAST,
      Math.min(KEEP_FRAMES, KEEP_BYTES / frame.data.byteLength),
    );
    while (ring.length > limit) this.forget(ring.shift());
    if (high) this.highById.set(frame.id, high);
    this.highById.delete(ring.at(-1 - KEEP_HIGH)?.id ?? "");
    this.emit("frame", frame);
    return refOf(frame);
  }

  get(id: string): PixelFrame | undefined {
    return this.byId.get(id);
  }

  /** The partner of a frame in high resolution; undefined where there is none (any more). */
  highOf(id: string): PixelFrame | undefined {
    return this.highById.get(id);
  }

  /** The newest frame of a camera. */
  latest(cameraId: string): PixelFrame | undefined {
    return this.byCamera.get(cameraId)?.at(-1);
  }

  cameras(): string[] {
    return [...this.byCamera.keys()];
  }

  /** Forgets a camera's frames, when its source closes. */
  drop(cameraId: string): void {
    for (const frame of this.byCamera.get(cameraId) ?? []) this.forget(frame);
    this.byCamera.delete(cameraId);
  }

  private forget(frame: PixelFrame | undefined): void {
    if (!frame) return;
    this.byId.delete(frame.id);
    this.highById.delete(frame.id);
  }
}

/** What a message says of a frame. */
export function refOf(frame: PixelFrame): FrameRef {
  const { id, cameraId, laneId, seq, capturedAt, width, height } = frame;
  return { id, cameraId, laneId, seq, capturedAt, width, height };
}

/** The process's frame store. */
export const frames = new FrameStore();
frames.setMaxListeners(0);
