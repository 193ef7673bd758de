import type { CharacterRead, Corners, Detection } from "../messages";
import { SURE } from "./best-reads";
import { textConfidence } from "./ctc";
import { boxOf, cornersOf } from "./geometry";

/** How far a plate is turned for a second look where no corners are known, degrees: plates hang straight, cameras do not. */
const TILT = 5;

/**
 * Reads a plate by its corners and, where that leaves doubt, by its upright box
 * too: corners are off now and then, mostly on small plates. Where only the box is
 * known, it is turned a little either way instead. The surest read counts.
 * @param read reads what four corners enclose
 */
export async function surestLook<T extends { characters: readonly CharacterRead[] }>(
  { corners, box }: Pick<Detection, "corners" | "box">,
  read: (corners: Corners) => Promise<T>,
): Promise<T> {
  let best = await read(corners ?? cornersOf(box));
  const others = corners
    ? [cornersOf(box)]
    : [turned(cornersOf(box), TILT), turned(cornersOf(box), -TILT)];
  for (const other of others) {
    if (textConfidence(best.characters) >= SURE) break;
    const found = await read(other);
    if (textConfidence(found.characters) > textConfidence(best.characters)) best = found;
  }
  return best;
}

/** Corners turned about their middle, clockwise in a picture whose y points down. */
function turned(corners: Corners, degrees: number): Corners {
  const [x, y, w, h] = boxOf(corners);
  const [cx, cy] = [x + w / 2, y + h / 2];
  const angle = (degrees * Math.PI) / 180;
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return corners.map(([px, py]) => [
    cx + (px - cx) * cos - (py - cy) * sin,
    cy + (px - cx) * sin + (py - cy) * cos,
  ]) as Corners;
}
