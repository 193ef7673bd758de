import type { CharacterRead, Corners, Detection } from "../messages";
import { textConfidence } from "./ctc";
import { boxOf, cornersOf } from "./geometry";

/** How far a plate is turned for a second look where no corners are known, degrees: plates hang straight, cameras do not. */
const TILT = 5;

/** A first look so sure is the only one. */
const SURE_LOOK = 0.95;
/** Two looks with the same text are enough when one is so sure. */
const AGREEING = 0.5;

/**
 * Reads a plate by its corners and, where that leaves doubt, by the corners found from
 * nearer and by its upright box too: corners are off now and then, mostly on very small
 * and very large plates. Where only the box is known, it is turned a little either way
 * after the look from nearer. The text that the looks support most counts, as the surest of them read it.
 * @param read reads what four corners enclose
 * @param nearer looks for the plate's corners again, null where it finds none
 */
export async function surestLook<T extends Look>(
  { corners, box }: Pick<Detection, "corners" | "box">,
  read: (corners: Corners) => Promise<T>,
  nearer: () => Promise<Corners | null> = () => Promise.resolve(null),
): Promise<T> {
  const upright = cornersOf(box);
  const given = (shown: Corners) => (): Promise<Corners | null> => Promise.resolve(shown);
  const others = corners
    ? [nearer, given(upright)]
    : [nearer, given(turned(upright, TILT)), given(turned(upright, -TILT))];
  let looks = [await read(corners ?? upright)] as [T, ...T[]];
  for (const other of others) {
    if (settled(looks)) break;
    const shown = await other();
    if (shown) looks = [...looks, await read(shown)];
  }
  return mostSupported(looks);
}

/** Whether no further look is needed: the first is sure, or two agree. */
function settled(looks: readonly Look[]): boolean {
  const [first, ...more] = looks;
  if (first && more.length === 0) return textConfidence(first.characters) >= SURE_LOOK;
  return looks.some(
    (a) =>
      textConfidence(a.characters) >= AGREEING &&
      looks.some((b) => b !== a && textOf(b) === textOf(a)),
  );
}

/** The look whose text has the largest sum of squared confidences; of its looks the surest. */
function mostSupported<T extends Look>(looks: readonly [T, ...T[]]): T {
  const support = (a: T): number =>
    looks
      .filter((b) => textOf(b) === textOf(a))
      .reduce((sum, b) => sum + textConfidence(b.characters) ** 2, 0);
  return looks.reduce((best, look) => {
    const [more, sure] = [support(look) - support(best), textConfidence(look.characters)];
    const surer = sure > textConfidence(best.characters);
    return more > 0 || (textOf(look) === textOf(best) && surer) ? look : best;
  });
}

interface Look {
  characters: readonly CharacterRead[];
}

function textOf({ characters }: Look): string {
  return characters.map((c) => c.char).join("");
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
