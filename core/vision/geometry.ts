import type { Box, Corners, Point } from "../messages";

/** A projective map of the plane, row by row, `h[8]` = 1. */
export type Homography = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/**
 * The map that takes the rectangle 0..w, 0..h onto a quadrilateral (top left, top
 * right, bottom right, bottom left). Closed form of Heckbert, "Fundamentals of
 * Texture Mapping and Image Warping", 1989, §2.2.3.
 */
export function rectToQuad(w: number, h: number, q: Corners): Homography {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = q;
  const sx = x0 - x1 + x2 - x3;
  const sy = y0 - y1 + y2 - y3;
  const dx1 = x1 - x2;
  const dy1 = y1 - y2;
  const dx2 = x3 - x2;
  const dy2 = y3 - y2;
  const det = dx1 * dy2 - dx2 * dy1;
  const g = det === 0 ? 0 : (sx * dy2 - dx2 * sy) / det;
  const k = det === 0 ? 0 : (dx1 * sy - sx * dy1) / det;
  return [
    (x1 - x0 + g * x1) / w,
    (x3 - x0 + k * x3) / h,
    x0,
    (y1 - y0 + g * y1) / w,
    (y3 - y0 + k * y3) / h,
    y0,
    g / w,
    k / h,
    1,
  ];
}

/** Where a homography takes a point. */
export function project(h: Homography, x: number, y: number): Point {
  const z = h[6] * x + h[7] * y + h[8];
  return [(h[0] * x + h[1] * y + h[2]) / z, (h[3] * x + h[4] * y + h[5]) / z];
}

/** The corners pushed outward by fractions of the plate's mean width and height, along its own sides. */
export function growCorners(corners: Corners, mx: number, my: number): Corners {
  const [tl, tr, br, bl] = corners;
  const along = (k: 0 | 1): [number, number] => [
    ((tr[k] - tl[k] + br[k] - bl[k]) / 2) * mx,
    ((bl[k] - tl[k] + br[k] - tr[k]) / 2) * my,
  ];
  const [[ux, vx], [uy, vy]] = [along(0), along(1)];
  return [
    [tl[0] - ux - vx, tl[1] - uy - vy],
    [tr[0] + ux - vx, tr[1] + uy - vy],
    [br[0] + ux + vx, br[1] + uy + vy],
    [bl[0] - ux + vx, bl[1] - uy + vy],
  ];
}

/** The smallest upright box around points. */
export function boxOf(points: readonly Point[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return [left, top, right - left, bottom - top];
}

/** The corners of an upright box. */
export function cornersOf([x, y, w, h]: Box): Corners {
  return [
    [x, y],
    [x + w, y],
    [x + w, y + h],
    [x, y + h],
  ];
}

/** The part of a box that lies inside a picture of `width` by `height`; may be empty. */
export function clipBox([x, y, w, h]: Box, width: number, height: number): Box {
  const left = Math.min(Math.max(x, 0), width);
  const top = Math.min(Math.max(y, 0), height);
  const right = Math.min(Math.max(x + w, 0), width);
  const bottom = Math.min(Math.max(y + h, 0), height);
  return [left, top, right - left, bottom - top];
}

/** Area of the intersection over area of the union, 0..1. */
export function iou(a: Box, b: Box): number {
  const shared = intersection(a, b);
  const union = a[2] * a[3] + b[2] * b[3] - shared;
  return union > 0 ? shared / union : 0;
}

/** Area that two boxes share. */
export function intersection(a: Box, b: Box): number {
  const w = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const h = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  return w > 0 && h > 0 ? w * h : 0;
}

/** Whether a point is inside a polygon (even-odd rule). */
export function insidePolygon([x, y]: Point, polygon: readonly Point[]): boolean {
  let inside = false;
  let previous = polygon.at(-1);
  for (const point of polygon) {
    if (previous && point[1] > y !== previous[1] > y) {
      const t = (y - point[1]) / (previous[1] - point[1]);
      if (x < point[0] + t * (previous[0] - point[0])) inside = !inside;
    }
    previous = point;
  }
  return inside;
}

/** Distance of two points. */
export function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** Mean width and height of a quadrilateral along its own sides. */
export function quadSize([tl, tr, br, bl]: Corners): { width: number; height: number } {
  return {
    width: (distance(tl, tr) + distance(bl, br)) / 2,
    height: (distance(tl, bl) + distance(tr, br)) / 2,
  };
}

/** The convex hull, counter-clockwise in a y-up plane (Andrew's monotone chain). */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (sorted.length < 3) return sorted;
  const half = (list: Point[]): Point[] => {
    const chain: Point[] = [];
    for (const p of list) {
      for (;;) {
        const b = chain.at(-1);
        const a = chain.at(-2);
        if (!a || !b || (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0) break;
        chain.pop();
      }
      chain.push(p);
    }
    chain.pop();
    return chain;
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

/**
 * The rectangle of least area around points, as corners in reading order: the
 * "top" side is the one within 45 degrees of horizontal. One side of it lies on
 * a side of the hull (Freeman and Shapira 1975), so every hull side is tried.
 */
export function minAreaRect(points: readonly Point[]): Corners | null {
  const hull = convexHull(points);
  let best: { area: number; corners: Corners } | null = null;
  for (let i = 0; i < hull.length; i++) {
    const a = hull[i];
    const b = hull[(i + 1) % hull.length];
    if (!a || !b) continue;
    const length = distance(a, b);
    if (length === 0) continue;
    const fit = alignedRect(hull, (b[0] - a[0]) / length, (b[1] - a[1]) / length);
    if (!best || fit.area < best.area) best = fit;
  }
  return best?.corners ?? null;
}

/** The rectangle around points with one side along (ux, uy), in reading order. */
function alignedRect(
  points: readonly Point[],
  ux: number,
  uy: number,
): { area: number; corners: Corners } {
  // the axis nearer to horizontal, pointing right, becomes the reading direction
  const [rx, ry] = Math.abs(ux) >= Math.abs(uy) ? [ux, uy] : [-uy, ux];
  const [dx, dy] = rx >= 0 ? [rx, ry] : [-rx, -ry];
  let [minU, maxU, minV, maxV] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of points) {
    const u = x * dx + y * dy;
    const v = y * dx - x * dy;
    minU = Math.min(minU, u);
    maxU = Math.max(maxU, u);
    minV = Math.min(minV, v);
    maxV = Math.max(maxV, v);
  }
  const at = (u: number, v: number): Point => [u * dx - v * dy, u * dy + v * dx];
  return {
    area: (maxU - minU) * (maxV - minV),
    corners: [at(minU, minV), at(maxU, minV), at(maxU, maxV), at(minU, maxV)],
  };
}
