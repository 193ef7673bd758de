import type { ConfusableTable } from "./confusables";
import { MAX_PLATE_LENGTH, normalisePlate } from "./normalise";

/** More fixed characters and `?` than this are refused: one bit each is needed. */
const MAX_TOKENS = 30;

/** A wildcard pattern of a watch or deny list, ready to be matched. */
export interface PlatePattern {
  /** The pattern as it is kept: normalised, runs of `*` as one. */
  readonly source: string;
  /** True where the pattern has no wildcard. */
  readonly literal: boolean;
  /** Whether a normalised text matches; an empty one never does. */
  matches(text: string): boolean;
}

/**
 * Compiles a pattern: `?` is one character, `*` any number of them, the rest is
 * normalised like a plate. With a table, a fixed character also matches what it is
 * paired with. Matching takes one step of bit operations for each character of the
 * text (Baeza-Yates and Gonnet's shift-and), whatever the pattern.
 * @throws RangeError where nothing is left of the pattern or it is too long
 */
export function compilePattern(pattern: string, confusables?: ConfusableTable): PlatePattern {
  const source = normalisePattern(pattern);
  const tokens = [...source].filter((token) => token !== "*");
  if (source === "") throw new RangeError("the pattern has no letter, digit or wildcard");
  if (tokens.length > MAX_TOKENS) {
    throw new RangeError(`the pattern has more than ${MAX_TOKENS} characters`);
  }
  const anyMask = maskWhere(tokens, (token) => token === "?");
  const masks = characterMasks(tokens, confusables);
  const starBits = starStates(source);
  const accept = 1 << tokens.length;
  return {
    source,
    literal: !/[*?]/.test(source),
    matches(text) {
      const chars = [...text];
      if (chars.length === 0 || chars.length > MAX_PLATE_LENGTH) return false;
      // Bit i of `states` is set when the first i tokens have matched what was seen.
      let states = 1;
      for (const char of chars) {
        states = ((states & (anyMask | (masks.get(char) ?? 0))) << 1) | (states & starBits);
        if (states === 0) return false;
      }
      return (states & accept) !== 0;
    },
  };
}

/** A pattern as plates are kept: its wildcards stay, the rest is normalised. Empty where nothing is left. */
export function normalisePattern(pattern: string): string {
  const parts = pattern
    .slice(0, 256)
    .normalize("NFKC")
    .split(/([*?])/);
  const kept = parts.map((part) => (part === "*" || part === "?" ? part : normalisePlate(part)));
  return kept.join("").replace(/\*{2,}/g, "*");
}

function maskWhere(tokens: readonly string[], accepts: (token: string) => boolean): number {
  return tokens.reduce((mask, token, i) => (accepts(token) ? mask | (1 << i) : mask), 0);
}

function characterMasks(
  tokens: readonly string[],
  confusables: ConfusableTable | undefined,
): Map<string, number> {
  const masks = new Map<string, number>();
  tokens.forEach((token, i) => {
    for (const char of confusables?.neighbours.get(token) ?? [token]) {
      masks.set(char, (masks.get(char) ?? 0) | (1 << i));
    }
  });
  return masks;
}

/** A bit for each state that a `*` lets stay as it is. */
function starStates(source: string): number {
  let bits = 0;
  let state = 0;
  for (const token of source) {
    if (token === "*") bits |= 1 << state;
    else state += 1;
  }
  return bits;
}
