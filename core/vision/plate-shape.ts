import type { Corners, Point } from "../messages";
import type { TextLine } from "./db";
import { boxOf, minAreaRect, quadSize } from "./geometry";

/** Width over height of one line of plate text, with the air that a text detector leaves around it. */
const LINE_ASPECT = { min: 1.1, max: 9 };
/** A line steeper than this is no plate on a road. */
const MAX_SLOPE = Math.tan((40 * Math.PI) / 180);
/** Two lines one above the other are one plate where their heights and places agree this well. */
const STACK = { overlap: 0.55, heights: 2.2, widths: 2.4, gap: 0.6, maxAspect: 3.2 };

/** Groups of one line stand this near (in heights), this level and are this alike in height. */
const NEIGHBOUR = { gap: 1.1, offset: 0.35, heights: 1.7 };

/** A place where a plate may be, in the text detector's pixels. */
export interface PlateCandidate {
  corners: Corners;
  score: number;
  rows: 1 | 2;
  /** The corners of each row, top one first. */
  lines: Corners[];
}

/**
 * Lines of text that have the shape of a plate: single lines by their aspect and
 * slope, and pairs of stacked lines as one two-row plate. A text detector finds
 * any text; whether it reads like a plate is judged after reading.
 */
export function plateShaped(found: readonly TextLine[]): PlateCandidate[] {
  const lines = joined(found);
  const candidates: PlateCandidate[] = [];
  const used = new Set<TextLine>();
  for (const top of lines) {
    const below = lines.find((line) => line !== top && !used.has(line) && stacked(top, line));
    if (!below || used.has(top)) continue;
    const both = minAreaRect([...top.corners, ...below.corners]);
    if (!both || !levelled(both) || aspect(both) > STACK.maxAspect) continue;
    used.add(top).add(below);
    const score = Math.min(top.score, below.score);
    candidates.push({ corners: both, score, rows: 2, lines: [top.corners, below.corners] });
  }
  for (const line of lines) {
    const shape = aspect(line.corners);
    const fits = shape >= LINE_ASPECT.min && shape <= LINE_ASPECT.max && levelled(line.corners);
    if (used.has(line) || !fits) continue;
    candidates.push({ corners: line.corners, score: line.score, rows: 1, lines: [line.corners] });
  }
  return candidates;
}

/** Lines whose groups ("AB 12 CD") were found apart, put together. */
function joined(found: readonly TextLine[]): TextLine[] {
  const lines = [...found];
  for (let i = 0; i < lines.length; i++) {
    for (let k = i + 1; k < lines.length; k++) {
      const [a, b] = [lines[i], lines[k]];
      const both = a && b && neighbours(a, b) ? minAreaRect([...a.corners, ...b.corners]) : null;
      if (!a || !b || !both || aspect(both) > LINE_ASPECT.max) continue;
      lines.splice(k, 1);
      lines[i] = { corners: both, score: Math.min(a.score, b.score) };
      k = i; // the longer line may have further neighbours, also among those passed over
    }
  }
  return lines;
}

function neighbours(a: TextLine, b: TextLine): boolean {
  const [ha, hb] = [quadSize(a.corners).height, quadSize(b.corners).height];
  const height = (ha + hb) / 2;
  const [left, right] = centre(a.corners)[0] < centre(b.corners)[0] ? [a, b] : [b, a];
  const [, tr, br] = left.corners;
  const [tl, , , bl] = right.corners;
  const from: Point = [(tr[0] + br[0]) / 2, (tr[1] + br[1]) / 2];
  const to: Point = [(tl[0] + bl[0]) / 2, (tl[1] + bl[1]) / 2];
  return (
    Math.max(ha, hb) <= NEIGHBOUR.heights * Math.min(ha, hb) &&
    to[0] - from[0] < NEIGHBOUR.gap * height &&
    to[0] - from[0] > -0.6 * height &&
    Math.abs(to[1] - from[1]) < NEIGHBOUR.offset * height
  );
}

function aspect(corners: Corners): number {
  const { width, height } = quadSize(corners);
  return height > 0 ? width / height : 0;
}

function levelled([tl, tr]: Corners): boolean {
  return Math.abs(tr[1] - tl[1]) <= MAX_SLOPE * (tr[0] - tl[0]);
}

function stacked(top: TextLine, below: TextLine): boolean {
  const [a, b] = [boxOf(top.corners), boxOf(below.corners)];
  const [ha, hb] = [quadSize(top.corners).height, quadSize(below.corners).height];
  const [wa, wb] = [a[2], b[2]];
  const overlap = Math.min(a[0] + wa, b[0] + wb) - Math.max(a[0], b[0]);
  const [ca, cb] = [centre(top.corners), centre(below.corners)];
  const apart = cb[1] - ca[1];
  const touching = (ha + hb) / 2;
  return (
    overlap >= STACK.overlap * Math.min(wa, wb) &&
    Math.max(ha, hb) <= STACK.heights * Math.min(ha, hb) &&
    Math.max(wa, wb) <= STACK.widths * Math.min(wa, wb) &&
    apart > 0.4 * touching &&
    apart < (1 + STACK.gap) * touching
  );
}

function centre(corners: Corners): Point {
  const [x, y, w, h] = boxOf(corners);
  return [x + w / 2, y + h / 2];
}
