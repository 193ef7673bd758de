import { LOOK_ALIKES } from "./look-alikes";

/** Longest plate text, in characters: a Thai plate with its province has 23. */
export const MAX_PLATE_LENGTH = 32;

/** Longer input is cut before it is looked at, so that a megabyte costs nothing. */
const MAX_INPUT = 256;

/** Zeros of the decimal digits that cameras, plates and keyboards of the field use. */
const DIGIT_ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50, 0x0ed0, 0x1040, 0x17e0];

/** Accents and other marks of Latin, Greek and Cyrillic. */
const WESTERN_MARKS = /[\u0300-\u036f]/gu;

/**
 * What may be in a plate: letters, decimal digits, and the marks that belong to a
 * script's own spelling (Thai vowels, kana voicing). Modifier letters, emoji,
 * emblems, separators, controls, NUL and private characters are not.
 */
const KEPT =
  /[\p{Lu}\p{Ll}\p{Lt}\p{Lo}\p{Nd}]|(?!\p{Script=Inherited})[\p{Mn}\p{Mc}]|[\u3099\u309a]/u;

/** Latin letters that Unicode does not take apart into a letter and a mark. */
const LETTERS: Readonly<Record<string, string>> = {
  Ø: "O",
  Đ: "D",
  Ð: "D",
  Ł: "L",
  Ħ: "H",
  Æ: "AE",
  Œ: "OE",
  ẞ: "SS",
};

/**
 * The one form of a plate's text, for lists, reads and look-ups alike: upper case,
 * full-width and other compatibility forms folded (NFKC), accents dropped (TÜ and
 * TU are one), Cyrillic, Greek and other look-alikes as Latin, other scripts'
 * digits as 0-9, no separators, emblems, spaces or control characters; Thai and
 * other scripts' own letters stay. At most {@link MAX_PLATE_LENGTH} characters.
 * Applying it twice changes nothing. Empty where no letter or digit is left.
 */
export function normalisePlate(text: string): string {
  const upper = text.slice(0, MAX_INPUT).normalize("NFKC").toUpperCase();
  const apart = upper.normalize("NFD").replace(WESTERN_MARKS, "");
  let folded = "";
  for (const char of apart) folded += foldCharacter(char);
  const whole = folded.normalize("NFC").replace(/\u0e4d\u0e32/gu, "\u0e33");
  return [...whole].slice(0, MAX_PLATE_LENGTH).join("");
}

function foldCharacter(char: string): string {
  if (/[A-Z0-9]/.test(char)) return char;
  const latin = LOOK_ALIKES.get(char) ?? LETTERS[char];
  if (latin !== undefined) return latin;
  const code = char.codePointAt(0) ?? 0;
  const zero = DIGIT_ZEROS.find((first) => code >= first && code < first + 10);
  if (zero !== undefined) return String(code - zero);
  return KEPT.test(char) ? char : "";
}
