import type { Rgb } from "./raster";

/** The gap is looked for in this part of the height. */
const BAND = { from: 0.3, to: 0.65 };

/**
 * Where the rows of a two-row plate part, as a fraction of its height: the
 * pixel row with the least contrast along it, near the middle.
 * @param plate the rectified plate
 */
export function rowGap(plate: Rgb): number {
  const from = Math.floor(plate.height * BAND.from);
  const to = Math.ceil(plate.height * BAND.to);
  let best = { row: plate.height / 2, contrast: Infinity };
  for (let row = from; row < to; row++) {
    const contrast = contrastOf(plate, row);
    if (contrast < best.contrast) best = { row, contrast };
  }
  return (best.row + 0.5) / plate.height;
}

/** Mean difference of neighbours along a pixel row, the outer tenths (frame, screws) left out. */
function contrastOf({ width, data }: Rgb, row: number): number {
  const [from, to] = [Math.floor(width * 0.1), Math.ceil(width * 0.9)];
  let sum = 0;
  for (let x = from + 1; x < to; x++) {
    const o = (row * width + x) * 3;
    sum += Math.abs((data[o + 1] ?? 0) - (data[o - 2] ?? 0));
  }
  return sum;
}
