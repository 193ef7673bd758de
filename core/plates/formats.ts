import type { CharacterAlternative, CharacterRead } from "../messages";
import { REGION_FORMATS } from "./region-formats";

/** A character this sure is never changed for a format's sake. */
const CERTAIN = 0.8;
/** How much likelier a text of a known format is than one of none: an alternative must be at least a fourth as sure as the character it replaces. */
const FORMAT_ODDS = 4;

type CharacterClass = (char: string) => boolean;

/** What {@link rankByFormat} chose. */
export interface RankedText {
  text: string;
  /** The characters of `text`; a replaced one is now the first alternative. */
  characters: CharacterRead[];
  /** The region, where exactly one of those asked for has a format that fits. */
  region: string | null;
  /** Number of characters that were replaced by an alternative. */
  changed: number;
}

const classes: Readonly<Record<string, CharacterClass>> = {
  A: (char) => /^[A-Z]$/.test(char),
  9: (char) => /^[0-9]$/.test(char),
  X: (char) => /^[A-Z0-9]$/.test(char),
  T: (char) => /^[\u0e01-\u0e2e]$/u.test(char),
};

/**
 * Expands a template such as "AA9{1,4}A" or "[FMN]99" into one list of position
 * classes for each length. `A` is a Latin letter, `9` a digit, `X` either, `T` a
 * Thai consonant, `[...]` one of the characters in it.
 */
export function compileFormat(template: string): CharacterClass[][] {
  const parts = template.match(/(\[[^\]]+\]|[A9XT])(\{\d+(,\d+)?\})?/g) ?? [];
  if (parts.join("") !== template) throw new RangeError(`not a plate format: "${template}"`);
  let variants: CharacterClass[][] = [[]];
  for (const part of parts) {
    const [, symbol = "", from = "1", to = from] =
      /^(\[[^\]]+\]|.)(?:\{(\d+)(?:,(\d+))?\})?$/.exec(part) ?? [];
    const accepts = classes[symbol] ?? ((char: string) => symbol.slice(1, -1).includes(char));
    const counts = Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => +from + i);
    variants = variants.flatMap((done) =>
      counts.map((count) => [...done, ...Array<CharacterClass>(count).fill(accepts)]),
    );
  }
  return variants;
}

const compiled: ReadonlyMap<string, CharacterClass[][]> = new Map(
  Object.entries(REGION_FORMATS).map(([region, templates]) => [
    region,
    templates.flatMap(compileFormat),
  ]),
);

/** The regions that have formats, as ISO 3166 codes. */
export const FORMAT_REGIONS: readonly string[] = [...compiled.keys()];

/** The regions, of those given or of all, that have a format a normalised text fits. */
export function regionsOf(text: string, regions: readonly string[] = FORMAT_REGIONS): string[] {
  const chars = [...text];
  return regions.filter((region) =>
    formatsOf(region).some(
      (format) =>
        format.length === chars.length && format.every((accepts, i) => accepts(chars[i] ?? "")),
    ),
  );
}

function formatsOf(region: string): CharacterClass[][] {
  return compiled.get(region.toUpperCase()) ?? [];
}

/**
 * Chooses between a read's alternatives by the formats of the regions expected at a
 * camera. A text that fits already stays; a character with confidence of at least
 * 0.8 stays whatever the formats say; only what the reader itself named as an
 * alternative can replace one, and only when it was not much less sure of it.
 * @param characters the read's characters, alternatives best first
 * @param regions ISO 3166 codes; unknown ones are left out; empty changes nothing
 */
export function rankByFormat(
  characters: readonly CharacterRead[],
  regions: readonly string[],
): RankedText {
  const asRead = result(characters, 0, regions);
  if (asRead.region !== null || regionsOf(asRead.text, regions).length > 0) return asRead;
  let best: { characters: CharacterRead[]; changed: number; score: number } | null = null;
  for (const format of regions.flatMap(formatsOf)) {
    const fitted = fit(characters, format);
    if (fitted && (!best || fitted.score > best.score)) best = fitted;
  }
  return best ? result(best.characters, best.changed, regions) : asRead;
}

function result(
  characters: readonly CharacterRead[],
  changed: number,
  regions: readonly string[],
): RankedText {
  const text = characters.map((read) => read.char).join("");
  const fitting = regionsOf(text, regions);
  const region = fitting.length === 1 ? (fitting[0] ?? null) : null;
  return { text, characters: [...characters], region, changed };
}

function fit(
  characters: readonly CharacterRead[],
  format: readonly CharacterClass[],
): { characters: CharacterRead[]; changed: number; score: number } | null {
  if (format.length !== characters.length) return null;
  const fitted: CharacterRead[] = [];
  let changed = 0;
  let score = 0;
  for (const [i, read] of characters.entries()) {
    const accepts = format[i];
    const chosen = accepts ? choose(read, accepts) : null;
    if (!chosen) return null;
    if (chosen !== read) changed += 1;
    score += Math.log(Math.max(chosen.confidence, 1e-6));
    fitted.push(chosen);
  }
  return { characters: fitted, changed, score };
}

function choose(read: CharacterRead, accepts: CharacterClass): CharacterRead | null {
  if (accepts(read.char)) return read;
  if (read.confidence >= CERTAIN) return null;
  const better = read.alternatives.find((alternative) => accepts(alternative.char));
  if (!better || better.confidence * FORMAT_ODDS < read.confidence) return null;
  const alternatives: CharacterAlternative[] = [
    { char: read.char, confidence: read.confidence },
    ...read.alternatives.filter((alternative) => alternative !== better),
  ];
  return { char: better.char, confidence: better.confidence, alternatives };
}
