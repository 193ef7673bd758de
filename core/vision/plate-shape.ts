import type { Corners, Point } from "../messages";
import type { TextLine } from "./db";
import { boxOf, minAreaRect, quadSize } from "./geometry";

/** Width over height of one line of plate text, with the air that a text detector leaves around it. */
const LINE_ASPECT = { min: 1.1, max: 9 };
/** A line steeper than this is no plate on a road. */
const MAX_SLOPE = Math.tan((40 * Math.PI) / 180);
/** Two lines one above the other are one plate where their heights and places agree this well. */
const STACK = { overlap: 0.55, heights: 2.2, widths: 2.4, gap: 0.6, maxAspect: 3.2 };

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
export function plateShaped(lines: readonly TextLine[]): PlateCandidate[] {
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
