import type { CharacterAlternative, CharacterRead } from "../messages";

/** A character this sure stays, however rare its plate's make-up would be. */
const CERTAIN = 0.9;
/** With more doubtful characters than this the text is left as it was read. */
const MAX_DOUBTFUL = 6;
/** How much the make-up counts against what was seen. */
const WEIGHT = 0.5;
/** Share of plates that follow no format: personal ones, regions not known here. */
const FREE = 0.3;

/** Share of plates by make-up: "AAA9999" stands for three letters and four digits. */
export type PatternShares = Readonly<Record<string, number>>;

/**
 * Decides between a letter and a digit that look alike (8 and B, 0 and D) by how
 * common the plate's make-up is. Only a doubtful character can change, and only
 * to what the reader named as an alternative; its confidence is then what speaks
 * for it in both respects.
 * @param characters the read's characters, alternatives best first
 */
export function rankByPattern(
  characters: readonly CharacterRead[],
  shares: PatternShares,
): CharacterRead[] {
  const others = characters.map((read) => (read.confidence < CERTAIN ? otherKind(read) : null));
  const doubtful = others.flatMap((other, i) => (other ? [i] : []));
  if (doubtful.length === 0 || doubtful.length > MAX_DOUBTFUL) return [...characters];
  const score = scorer(characters, others, shares);
  const scored = subsets(doubtful).map((changed) => ({ changed, score: score(changed) }));
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a));
  return characters.map((read, i) => {
    const other = others[i];
    if (!other || !best.changed.includes(i)) return read;
    const odds = Math.exp(best.score - score(best.changed.filter((at) => at !== i)));
    return replaced(read, other, ((read.confidence + other.confidence) * odds) / (1 + odds));
  });
}

/** All ways to choose some of a few places, none first. */
function subsets(places: readonly number[]): number[][] {
  return places.reduce<number[][]>((all, at) => [...all, ...all.map((s) => [...s, at])], [[]]);
}

/** Log score of the text whose characters at the given places are replaced. */
function scorer(
  characters: readonly CharacterRead[],
  others: readonly (CharacterAlternative | null)[],
  shares: PatternShares,
): (changed: readonly number[]) => number {
  const length = characters.length;
  const known = Object.entries(shares).filter(([pattern]) => pattern.length === length);
  const total = known.reduce((sum, [, share]) => sum + share, 0);
  return (changed) => {
    const chosen = characters.map((read, i) => (changed.includes(i) ? others[i] : null) ?? read);
    const seen = chosen.reduce((sum, c) => sum + Math.log(Math.max(c.confidence, 1e-6)), 0);
    const pattern = chosen.map((c) => (isDigit(c.char) ? "9" : "A")).join("");
    const common = total > 0 ? (shares[pattern] ?? 0) / total : 0;
    return seen + WEIGHT * Math.log((1 - FREE) * common + FREE / 2 ** length);
  };
}

/** The likeliest alternative that is a digit where the character is a letter, or the other way round. */
function otherKind(read: CharacterRead): CharacterAlternative | null {
  return read.alternatives.find((a) => isDigit(a.char) !== isDigit(read.char)) ?? null;
}

function replaced(
  read: CharacterRead,
  by: CharacterAlternative,
  confidence: number,
): CharacterRead {
  const before = { char: read.char, confidence: read.confidence + by.confidence - confidence };
  const rest = read.alternatives.filter((a) => a.char !== by.char);
  return { char: by.char, confidence, alternatives: [before, ...rest] };
}

function isDigit(char: string): boolean {
  return char >= "0" && char <= "9";
}
