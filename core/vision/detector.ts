import type { Box, Corners, Detection } from "../messages";
import { boxOf, clipBox } from "./geometry";

/** Numbers a detection: score, x1, y1, x2, y2, then x, y of TL, TR, BR, BL. */
export const DETECTION_FIELDS = 13;

/**
 * Decodes the output of `plate-detector` (docs/reading.md) into detections in
 * frame pixels, best first is not implied.
 * @param output `count` rows of {@link DETECTION_FIELDS} numbers in input pixels
 * @param region the part of the frame that was resized to `width` by `height`
 * @param frame size of the frame; boxes are clipped to it, corners are not
 */
export function decodeDetections(
  output: Float32Array,
  region: Box,
  input: { width: number; height: number },
  frame: { width: number; height: number },
  minConfidence: number,
): Detection[] {
  const sx = region[2] / input.width;
  const sy = region[3] / input.height;
  const found: Detection[] = [];
  for (let o = 0; o + DETECTION_FIELDS <= output.length; o += DETECTION_FIELDS) {
    const confidence = output[o] ?? 0;
    if (!(confidence >= minConfidence)) continue;
    const x = (k: number): number => region[0] + (output[o + k] ?? 0) * sx;
    const y = (k: number): number => region[1] + (output[o + k] ?? 0) * sy;
    const box = clipBox([x(1), y(2), x(3) - x(1), y(4) - y(2)], frame.width, frame.height);
    if (!(box[2] >= 1 && box[3] >= 1)) continue;
    const corners: Corners = [
      [x(5), y(6)],
      [x(7), y(8)],
      [x(9), y(10)],
      [x(11), y(12)],
    ];
    found.push({ box, corners: plausible(corners, box) ? corners : null, confidence });
  }
  return found;
}

/** Whether four corners go round the same thing as the box: convex, clockwise, of like extent. */
function plausible(corners: Corners, box: Box): boolean {
  for (let i = 0; i < 4; i++) {
    const a = corners[i];
    const b = corners[(i + 1) % 4];
    const c = corners[(i + 2) % 4];
    if (!a || !b || !c) return false;
    const turn = (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]);
    if (!(turn > 0)) return false;
  }
  const around = boxOf(corners);
  const alike = (a: number, b: number): boolean => a < 2.5 * b && b < 2.5 * a;
  return alike(around[2], box[2]) && alike(around[3], box[3]);
}
