import { compileConfusables, CONFUSABLE_PAIRS, confusableKey } from "./confusables";

/** Every pair that is offered for lists: who searches wants to see all that a plate may have been read as. */
const SEARCHED = compileConfusables(CONFUSABLE_PAIRS.map(({ pair }) => pair));

/** Equal for all normalised plates that look alike; only ever for searching, never for opening. */
export function lookKey(text: string): string {
  return confusableKey(text, SEARCHED);
}

/** Marks a look-alike key among the parts of plates (plate_grams); no plate has it. */
export const LOOK_MARK = "=";
