import type { Box, Detection, Read } from "../messages";
import type { PixelFrame, ReadOptions, VisionService } from "./ports";

/** How much wider and higher than the plate the part is that is looked at again. */
const LOOK_ROUND = 3;

/**
 * Reads plates that were found in a frame of low resolution in one of high resolution.
 * The two are not of quite the same moment and the car moves, so each plate is looked
 * for again near its place; one that is not found there is read in the low frame.
 * @param low the frame of `detections`
 * @returns a read for each detection, in order, with places in the low frame
 */
export async function readInHigh(
  vision: VisionService,
  low: PixelFrame,
  high: PixelFrame,
  detections: Detection[],
  options: ReadOptions,
): Promise<Read[]> {
  const scale = { x: high.width / low.width, y: high.height / low.height };
  const again = await Promise.all(
    detections.map(async ({ box }) => {
      const wanted = scaled(box, scale.x, scale.y);
      const region = around(wanted, high);
      return nearest(await vision.detect(high, { region }), wanted);
    }),
  );
  const found = again.filter((d) => d !== null);
  const lost = detections.filter((_d, i) => again[i] === null);
  const [fromHigh, fromLow] = await Promise.all([
    found.length > 0 ? vision.read(high, found, options) : [],
    lost.length > 0 ? vision.read(low, lost, options) : [],
  ]);
  return detections.flatMap((detection, i) => {
    const read = again[i] === null ? fromLow.shift() : fromHigh.shift();
    return read ? [{ ...read, detection, frameId: low.id, capturedAt: low.capturedAt }] : [];
  });
}

function scaled([x, y, w, h]: Box, sx: number, sy: number): Box {
  return [x * sx, y * sy, w * sx, h * sy];
}

/** A part about a box, within the frame. */
function around([x, y, w, h]: Box, { width, height }: PixelFrame): Box {
  const side = Math.max(w, 2 * h) * LOOK_ROUND;
  const left = Math.max(0, x + w / 2 - side / 2);
  const top = Math.max(0, y + h / 2 - side / 2);
  return [left, top, Math.min(width, left + side) - left, Math.min(height, top + side) - top];
}

/** The plate of about the wanted size whose centre is nearest; null where there is none. */
function nearest(candidates: Detection[], wanted: Box): Detection | null {
  const distance = ({ box }: Detection): number =>
    Math.hypot(
      box[0] + box[2] / 2 - wanted[0] - wanted[2] / 2,
      box[1] + box[3] / 2 - wanted[1] - wanted[3] / 2,
    );
  const alike = candidates.filter(({ box }) => box[2] > wanted[2] / 2 && box[2] < wanted[2] * 2);
  return alike.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}
