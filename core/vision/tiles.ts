import type { Box } from "../messages";

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

function starts(length: number, size: number): number[] {
  if (length <= size) return [0];
  const count = Math.ceil((length - size * OVERLAP) / (size * (1 - OVERLAP)));
  return Array.from({ length: count }, (_, i) => (i * (length - size)) / (count - 1));
}

/** The size a region is resized to: long side at most `longest`, both multiples of `stride`. */
export function inputSize(
  w: number,
  h: number,
  longest: number,
  stride: number,
  maxScale: number,
): { width: number; height: number } {
  const scale = Math.min(longest / Math.max(w, h), maxScale);
  const fit = (v: number): number => Math.max(1, Math.round((v * scale) / stride)) * stride;
  return { width: fit(w), height: fit(h) };
}
