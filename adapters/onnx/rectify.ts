import type { Corners } from "../../core/messages";
import { growCorners, quadSize, rectToQuad } from "../../core/vision/geometry";
import type { PixelSource, Rgb } from "../../core/vision/raster";

/** Samples per output pixel and axis, at most: a plate 4 times the reader's input still does not alias. */
const MAX_OVERSAMPLE = 4;

/**
 * The plate seen straight on: the quadrilateral, pushed outward by `margin`
 * (fractions of its width and height), stretched to `width` by `height`.
 */
export function rectify(
  source: PixelSource,
  corners: Corners,
  width: number,
  height: number,
  margin: readonly [number, number],
): Rgb {
  const grown = growCorners(corners, margin[0], margin[1]);
  const size = quadSize(grown);
  const shrink = Math.max(size.width / width, size.height / height);
  const oversample = Math.min(Math.max(Math.round(shrink), 1), MAX_OVERSAMPLE);
  return source.warp(rectToQuad(width, height, grown), width, height, oversample);
}
