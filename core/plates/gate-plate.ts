import type { ConfusableTable } from "./confusables";
import { compilePattern } from "./patterns";
import { isThai, splitThaiPlate } from "./thai";

/** What the gate compares of a plate. */
export interface GatePlate {
  /** Normalised, with whatever province it has. */
  whole: string;
  /** Of a Thai plate series and number, of another the whole text. */
  text: string;
  /** The province of a Thai plate that was written or read with it, else null. */
  province: string | null;
}

/** Series and number of cars and motorcycles, and the six digits of lorries and buses. */
const THAI_NUMBER = /^([0-9]{0,2}[\u0e01-\u0e2e]{1,3}[0-9]{1,4}|[0-9]{6})$/u;

/**
 * Takes the province off a Thai plate, since not every reader reads that row and people
 * write it in full, short, or not at all. What would leave no Thai number stays whole.
 * @param plate normalised
 */
export function gatePlate(plate: string): GatePlate {
  if (!isThai(plate)) return { whole: plate, text: plate, province: null };
  const { text, province } = splitThaiPlate(plate);
  if (!province || !THAI_NUMBER.test(text)) return { whole: plate, text: plate, province: null };
  return { whole: plate, text, province: province.name };
}

/** Whether two plates may be of one province: an unknown one may be any. */
export function provincesAgree(a: GatePlate, b: GatePlate): boolean {
  return a.province === null || b.province === null || a.province === b.province;
}

/** An entry of the watch or deny list, ready to be compared with reads. */
export interface PlateMatcher {
  /** The text that a read must have or be confusable with; null for one with wildcards. */
  literal: string | null;
  matches(read: GatePlate): boolean;
}

/**
 * Compiles an entry. One without wildcards is compared as a vehicle's plate is; one with
 * them hits a text with its province or without.
 * @throws RangeError as {@link compilePattern}
 */
export function compileEntry(pattern: string, confusables?: ConfusableTable): PlateMatcher {
  const written = compilePattern(pattern, confusables);
  if (!written.literal) {
    const matches = ({ whole, text }: GatePlate): boolean =>
      written.matches(whole) || written.matches(text);
    return { literal: null, matches };
  }
  const wanted = gatePlate(written.source);
  const compiled = compilePattern(wanted.text, confusables);
  return {
    literal: wanted.text,
    matches: (read) => provincesAgree(wanted, read) && compiled.matches(read.text),
  };
}
