import type { Detection, Point } from "../messages";
import type { DetectOptions } from "./ports";
import { insidePolygon, intersection, iou } from "./geometry";

/** How much of the smaller box may lie in a better one before it counts as the same plate. */
const MAX_CONTAINED = 0.8;

/**
 * Greedy non-maximum suppression: the best detection first, each that overlaps a
 * better one is dropped. A box that lies almost wholly inside a better one is the
 * same plate cut by a tile's edge, and dropped too.
 * @param maxIou overlap above which two boxes are the same plate
 */
export function suppress(found: readonly Detection[], maxIou: number): Detection[] {
  const kept: Detection[] = [];
  for (const d of [...found].sort((a, b) => b.confidence - a.confidence)) {
    const area = d.box[2] * d.box[3];
    const same = kept.some((k) => {
      const smaller = Math.min(area, k.box[2] * k.box[3]);
      return iou(k.box, d.box) > maxIou || intersection(k.box, d.box) > MAX_CONTAINED * smaller;
    });
    if (!same) kept.push(d);
  }
  return kept;
}

/** Leaves out what the options exclude: too unsure, too narrow, outside all zones. */
export function wanted(found: readonly Detection[], options: DetectOptions): Detection[] {
  const { minConfidence = 0, minWidth = 0, zones = [] } = options;
  return found.filter((d) => {
    if (d.confidence < minConfidence || d.box[2] < minWidth) return false;
    const centre: Point = [d.box[0] + d.box[2] / 2, d.box[1] + d.box[3] / 2];
    return zones.length === 0 || zones.some((zone) => insidePolygon(centre, zone));
  });
}
