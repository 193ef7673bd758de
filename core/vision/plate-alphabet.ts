import type { Sequence } from "./ctc";

const LETTERS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Written between the groups of a plate, and not part of its text. */
const SEPARATOR = /^[\s\p{P}\p{S}]$/u;

/**
 * Narrows the classes of a general text recogniser to plates: lower case counts
 * for upper case, everything written between groups is one class that is not
 * written, and characters that no Latin plate has are left out.
 */
export class PlateAlphabet {
  /** Class `c` of the narrowed sequence writes `symbols[c - 1]`; the last one writes nothing. */
  readonly symbols: (string | null)[] = [...LETTERS_AND_DIGITS, null];
  readonly sourceClasses: number;
  /** Pairs: source class, narrowed class. */
  private readonly pairs: [number, number][] = [];

  /**
   * @param source character of source class `c` is `source[c - 1]`; class 0 is the blank
   * @param temperature above 1 makes the confidences more modest
   */
  constructor(
    source: readonly string[],
    private readonly temperature: number,
  ) {
    this.sourceClasses = source.length + 1;
    this.pairs.push([0, 0]);
    source.forEach((char, i) => {
      const plain = char.normalize("NFKC").toUpperCase();
      const at = plain.length === 1 ? LETTERS_AND_DIGITS.indexOf(plain) : -1;
      if (at >= 0) this.pairs.push([i + 1, at + 1]);
      else if (SEPARATOR.test(char)) this.pairs.push([i + 1, this.symbols.length]);
    });
  }

  /** @param probabilities rows of {@link sourceClasses} probabilities */
  narrow(probabilities: Float32Array): Sequence {
    const steps = Math.floor(probabilities.length / this.sourceClasses);
    const classes = this.symbols.length + 1;
    const data = new Float32Array(steps * classes);
    for (let t = 0; t < steps; t++) {
      const row = t * classes;
      for (const [from, to] of this.pairs) {
        data[row + to] =
          (data[row + to] ?? 0) + (probabilities[t * this.sourceClasses + from] ?? 0);
      }
      this.temper(data, row, classes);
    }
    return { data, steps, classes };
  }

  /** p^(1/T), made to sum to 1: what the softmax of logits / T would have been. */
  private temper(data: Float32Array, row: number, classes: number): void {
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const p = (data[row + c] ?? 0) ** (1 / this.temperature);
      data[row + c] = p;
      sum += p;
    }
    for (let c = 0; c < classes; c++) data[row + c] = (data[row + c] ?? 0) / (sum || 1);
  }
}

/** Reason of a read that is text, but not the text of a plate. */
export const NOT_A_PLATE = "not_plate_like";

/**
 * Whether a text found somewhere in a picture may be a registration: nearly all
 * have a digit, and words on shops, taxis and bumpers have none.
 */
export function isPlateLike(text: string): boolean {
  const digits = text.replace(/[^0-9]/g, "").length;
  return digits >= 1 && text.length >= 4 && text.length <= 10;
}
