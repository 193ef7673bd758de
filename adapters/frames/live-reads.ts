import { EventEmitter } from "node:events";
import type { Corners, FrameRef, Read } from "../../core/messages";

/** A plate as it is drawn on the live picture; places are shares (0..1) of the picture's sides. */
export interface LiveRead {
  text: string;
  confidence: number;
  corners: Corners;
}

export interface LiveReads {
  /** When the frame was taken, ms since the epoch. */
  at: number;
  reads: LiveRead[];
}

/** The last reads of each camera, for those who watch the live picture. */
export class LiveReadStore extends EventEmitter<{ reads: [cameraId: string] }> {
  private readonly byCamera = new Map<string, LiveReads>();

  /** Takes a frame's reads; a frame without plates clears those of the one before. */
  put(frame: FrameRef, reads: readonly Read[]): void {
    const before = this.byCamera.get(frame.cameraId);
    if (before && before.at > frame.capturedAt) return;
    this.byCamera.set(frame.cameraId, {
      at: frame.capturedAt,
      reads: reads.map((read) => placed(frame, read)),
    });
    if (reads.length > 0 || (before?.reads.length ?? 0) > 0) this.emit("reads", frame.cameraId);
  }

  get(cameraId: string): LiveReads | undefined {
    return this.byCamera.get(cameraId);
  }
}

function placed(frame: FrameRef, { text, confidence, detection }: Read): LiveRead {
  const [x, y, w, h] = detection.box;
  const corners: Corners = detection.corners ?? [
    [x, y],
    [x + w, y],
    [x + w, y + h],
    [x, y + h],
  ];
  const share = ([px, py]: Corners[number]): Corners[number] => [
    px / frame.width,
    py / frame.height,
  ];
  return { text, confidence, corners: corners.map(share) as Corners };
}

/** The process's live reads. */
export const liveReads = new LiveReadStore();
liveReads.setMaxListeners(0);
