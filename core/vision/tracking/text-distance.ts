import type { CharacterRead } from "../../messages";
import { compileConfusables, confusable, CONFUSABLE_PAIRS } from "../../plates/confusables";

/** All pairs, also the optional ones: following a car is no decision about a gate. */
export const ALIKE = compileConfusables(CONFUSABLE_PAIRS.map((entry) => entry.pair));

/** A character both readings were this sure of and that differs is a contradiction. */
const SURE = 0.85;

const END_GAP = 0.5;
const INNER_GAP = 0.8;

/**
 * How unlike two readings are, from 0 (the same text) to 1: an edit distance
 * (Levenshtein with costs) over the longer length. A wrong character costs less
 * where the two look alike or a reader was unsure; a missing one less at the ends,
 * where plates are clipped.
 */
export function textDistance(a: readonly CharacterRead[], b: readonly CharacterRead[]): number {
  const longest = Math.max(a.length, b.length);
  if (sameCharacters(a, b)) return 0;
  let row = b.map((_, j) => (j + 1) * END_GAP);
  row.unshift(0);
  for (const [i, left] of a.entries()) {
    const next = [(i + 1) * END_GAP];
    const dropB = i === a.length - 1 ? END_GAP : INNER_GAP;
    for (const [j, right] of b.entries()) {
      const dropA = j === b.length - 1 ? END_GAP : INNER_GAP;
      next.push(
        Math.min(
          (row[j] ?? 0) + substitution(left, right),
          (row[j + 1] ?? 0) + dropA,
          (next[j] ?? 0) + dropB,
        ),
      );
    }
    row = next;
  }
  return Math.min(1, (row[b.length] ?? 0) / longest);
}

/** Whether two readings spell the same. */
export function sameCharacters(a: readonly CharacterRead[], b: readonly CharacterRead[]): boolean {
  return a.length === b.length && a.every((read, i) => read.char === b[i]?.char);
}

/** Cost of reading one character for the other, 0..1. */
export function substitution(a: CharacterRead, b: CharacterRead): number {
  if (a.char === b.char) return 0;
  if (confusable(a.char, b.char, ALIKE)) return 0.25;
  const named =
    a.alternatives.some((other) => other.char === b.char) ||
    b.alternatives.some((other) => other.char === a.char);
  const cost = 0.3 + 0.7 * Math.min(a.confidence, b.confidence);
  return named ? cost * 0.7 : cost;
}

/** Whether two readings of one length were both sure of a character, and differ in it. */
export function contradict(a: readonly CharacterRead[], b: readonly CharacterRead[]): boolean {
  return (
    a.length === b.length &&
    a.some((left, i) => {
      const right = b[i];
      if (!right || confusable(left.char, right.char, ALIKE)) return false;
      return left.confidence >= SURE && right.confidence >= SURE;
    })
  );
}
