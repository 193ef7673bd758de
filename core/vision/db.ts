import type { Corners, Point } from "../messages";
import { boxOf, insidePolygon, minAreaRect, quadSize } from "./geometry";

/**
 * Boxes from the probability map of a DB text detector: Liao et al., "Real-time
 * Scene Text Detection with Differentiable Binarization", 2020, §3.5, as in PP-OCR.
 */
export interface DbOptions {
  /** Probability above which a pixel is text. */
  threshold: number;
  /** Least mean probability inside a box. */
  boxThreshold: number;
  /** The shrunk text region is grown by area × ratio / perimeter. */
  unclip: number;
  /** Regions whose shorter side is less (map pixels) are left out. */
  minSide: number;
}

export const DB_DEFAULTS: DbOptions = {
  threshold: 0.3,
  boxThreshold: 0.5,
  unclip: 1.6,
  minSide: 2,
};

/** A line of text: corners in reading order in map pixels, mean probability inside. */
export interface TextLine {
  corners: Corners;
  score: number;
}

/** @param map probabilities 0..1, `map[y * width + x]` */
export function textLines(
  map: Float32Array,
  width: number,
  height: number,
  options: DbOptions = DB_DEFAULTS,
): TextLine[] {
  const lines: TextLine[] = [];
  for (const outline of regions(map, width, height, options.threshold)) {
    const rect = minAreaRect(outline);
    if (!rect) continue;
    const size = quadSize(rect);
    if (Math.min(size.width, size.height) < options.minSide) continue;
    const score = meanInside(map, width, height, rect);
    if (score >= options.boxThreshold) {
      lines.push({ corners: unclip(rect, options.unclip), score });
    }
  }
  return lines;
}

/**
 * The regions above the threshold (8-connected), each as the corner points of the
 * first and last pixel of its rows: enough for a hull.
 */
function regions(map: Float32Array, width: number, height: number, threshold: number): Point[][] {
  const seen = new Uint8Array(width * height);
  const found: Point[][] = [];
  const stack: number[] = [];
  for (let start = 0; start < map.length; start++) {
    if (seen[start] || (map[start] ?? 0) <= threshold) continue;
    const rows = new Map<number, [number, number]>();
    seen[start] = 1;
    stack.push(start);
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
      const x = i % width;
      const y = (i - x) / width;
      const span = rows.get(y);
      if (!span) rows.set(y, [x, x]);
      else if (x < span[0]) span[0] = x;
      else if (x > span[1]) span[1] = x;
      for (let ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, height - 1); ny++) {
        for (let nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, width - 1); nx++) {
          const n = ny * width + nx;
          if (seen[n] || (map[n] ?? 0) <= threshold) continue;
          seen[n] = 1;
          stack.push(n);
        }
      }
    }
    found.push(outlineOf(rows));
  }
  return found;
}

function outlineOf(rows: Map<number, [number, number]>): Point[] {
  return [...rows].flatMap(([y, [left, right]]): Point[] => [
    [left, y],
    [right + 1, y],
    [left, y + 1],
    [right + 1, y + 1],
  ]);
}

function meanInside(map: Float32Array, width: number, height: number, quad: Corners): number {
  const [left, top, w, h] = boxOf(quad);
  let [sum, count] = [0, 0];
  const bottom = Math.min(Math.ceil(top + h), height);
  const right = Math.min(Math.ceil(left + w), width);
  for (let y = Math.max(Math.floor(top), 0); y < bottom; y++) {
    for (let x = Math.max(Math.floor(left), 0); x < right; x++) {
      if (!insidePolygon([x + 0.5, y + 0.5], quad)) continue;
      sum += map[y * width + x] ?? 0;
      count++;
    }
  }
  return count > 0 ? sum / count : 0;
}

/** Grows a rectangle outward by area × ratio / perimeter on every side. */
function unclip(rect: Corners, ratio: number): Corners {
  const { width, height } = quadSize(rect);
  const by = (width * height * ratio) / (2 * (width + height));
  const [tl, tr, , bl] = rect;
  const ux: Point = [(tr[0] - tl[0]) / width, (tr[1] - tl[1]) / width];
  const vy: Point = [(bl[0] - tl[0]) / height, (bl[1] - tl[1]) / height];
  const move = (p: Point, u: number, v: number): Point => [
    p[0] + by * (u * ux[0] + v * vy[0]),
    p[1] + by * (u * ux[1] + v * vy[1]),
  ];
  return [move(rect[0], -1, -1), move(rect[1], 1, -1), move(rect[2], 1, 1), move(rect[3], -1, 1)];
}
