import type { Detection, Read } from "../messages";
import { iou } from "./geometry";

/** Reads at least this sure are not looked at again. */
export const SURE = 0.9;
/** A picture no wider than this (pixels) may be one plate cut out, and is then given so sure a detection. */
const CROP_SIDE = 400;
const CROP_CONFIDENCE = 0.5;

/** Whether a picture may be the cut-out of a plate, in which a detector finds no plate's edges. */
export function isPlateShaped({ width, height }: Size): boolean {
  return width <= CROP_SIDE && width >= 1.2 * height && width <= 7 * height;
}

/** The whole picture as a detection. */
export function wholeOf({ width, height }: Size): Detection {
  return { box: [0, 0, width, height], corners: null, confidence: CROP_CONFIDENCE };
}

/** Takes the read of the whole picture in the place of a less sure one of the same plate. */
export function preferWhole(reads: Read[], whole: Read): void {
  const same = reads.findIndex((r) => iou(r.detection.box, whole.detection.box) > 0.3);
  const other = reads[same];
  if (!other) reads.push(whole);
  else if (whole.confidence > other.confidence) {
    reads[same] = { ...whole, detection: other.detection };
  }
}

/** Readable before unreadable, then by how sure, nearer (wider) plates before farther ones. */
export function bestFirst(a: Read, b: Read): number {
  if (a.readable !== b.readable) return a.readable ? -1 : 1;
  const rank = (r: Read): number =>
    r.confidence * r.detection.confidence * Math.sqrt(r.detection.box[2]);
  return rank(b) - rank(a);
}

interface Size {
  width: number;
  height: number;
}
