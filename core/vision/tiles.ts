import type { Box } from "../messages";
import type { Rgb } from "./raster";

/** Part of a tile that its neighbour shows too: the widest plate that is whole in one of them. */
const OVERLAP = 0.2;
/** More would take longer than a frame lasts; tiles are made larger instead. */
const MAX_TILES = 12;

/**
 * Overlapping tiles that cover a region, all of one size.
 * @param side long side of a tile in pixels
 */
export function tilesOf([x, y, w, h]: Box, side: number): Box[] {
  for (let size = side; ; size *= 1.25) {
    const columns = starts(w, size);
    const rows = starts(h, size);
    if (columns.length * rows.length > MAX_TILES) continue;
    return rows.flatMap((top) =>
      columns.map((left): Box => [x + left, y + top, Math.min(size, w), Math.min(size, h)]),
    );
  }
}

/** How near to a tile's edge a box is cut by it, in pixels. */
const EDGE = 3;

/**
 * Whether a box found in a tile is not cut by it: what reaches an edge of the tile
 * that is no edge of the region is whole in a neighbour, or in the whole region.
 */
export function isWhole(box: Box, tile: Box, region: Box): boolean {
  return [0, 1].every((axis) => {
    const [low, high] = edges(box, axis);
    const [tileLow, tileHigh] = edges(tile, axis);
    const [regionLow, regionHigh] = edges(region, axis);
    const cutLow = low < tileLow + EDGE && tileLow > regionLow + EDGE;
    const cutHigh = high > tileHigh - EDGE && tileHigh < regionHigh - EDGE;
    return !cutLow && !cutHigh;
  });
}

function edges(box: Box, axis: number): [number, number] {
  const low = box[axis] ?? 0;
  return [low, low + (box[axis + 2] ?? 0)];
}

function starts(length: number, size: number): number[] {
  if (length <= size) return [0];
  const count = Math.ceil((length - size * OVERLAP) / (size * (1 - OVERLAP)));
  return Array.from({ length: count }, (_, i) => (i * (length - size)) / (count - 1));
}

/** Grey of the pixels that fill an input up. */
const PADDING = 114;

/** The size that a region is resized to: its long side as near to `longest` as `maxScale` allows. */
export function fitWithin(
  w: number,
  h: number,
  longest: number,
  maxScale: number,
): { width: number; height: number } {
  const scale = Math.min(longest / Math.max(w, h), maxScale);
  return { width: Math.max(1, Math.round(w * scale)), height: Math.max(1, Math.round(h * scale)) };
}

/** As {@link fitWithin}, each side rounded to the nearest multiple of `stride`. */
export function fitStride(
  w: number,
  h: number,
  longest: number,
  stride: number,
  maxScale: number,
): { width: number; height: number } {
  const { width, height } = fitWithin(w, h, longest, maxScale);
  const round = (v: number): number => Math.max(1, Math.round(v / stride)) * stride;
  return { width: round(width), height: round(height) };
}

/** The picture with grey added at the right and below, so that both sides are multiples of `stride`. */
export function padded(picture: Rgb, stride: number): Rgb {
  const width = Math.ceil(picture.width / stride) * stride;
  const height = Math.ceil(picture.height / stride) * stride;
  if (width === picture.width && height === picture.height) return picture;
  const data = new Uint8Array(width * height * 3).fill(PADDING);
  const row = picture.width * 3;
  for (let y = 0; y < picture.height; y++) {
    data.set(picture.data.subarray(y * row, (y + 1) * row), y * width * 3);
  }
  return { width, height, data };
}
