/**
 * Characters that readers take for one another. A gate list accepts a read that
 * differs from an entry only in pairs of its table (DESIGN §6, the false-open
 * budget); nothing else is ever taken for equal.
 *
 * Pairs are not transitive: with O/0 and D/0 in a table, O and D are still two
 * characters. {@link confusableKey} joins such chains, because a look-up key has to
 * be one string; it finds the candidates, {@link differsOnlyByConfusables} decides.
 */
export interface ConfusableTable {
  /** The pairs, each once, as "O/0". */
  readonly pairs: readonly string[];
  /** From a character to itself and all that it is paired with. */
  readonly neighbours: ReadonlyMap<string, ReadonlySet<string>>;
  /** From a character to the one that stands for its chain of pairs. */
  readonly keys: ReadonlyMap<string, string>;
}

/** A pair that a list can be given, and whether it has it when nothing is chosen. */
export interface ConfusablePair {
  pair: string;
  byDefault: boolean;
}

/**
 * The pairs offered for lists. The default ones differ between a letter and a
 * digit and are alike in nearly every plate font. The optional ones join more
 * plates, or only look alike in some fonts, dirt or at small size.
 */
export const CONFUSABLE_PAIRS: readonly ConfusablePair[] = [
  ...["O/0", "I/1", "B/8", "S/5", "Z/2"].map((pair) => ({ pair, byDefault: true })),
  ...["G/6", "D/0", "Q/0", "O/Q", "O/D", "L/1", "T/7", "I/L", "A/4", "C/G"].map((pair) => ({
    pair,
    byDefault: false,
  })),
];

/** The pairs of a list for which none were chosen. */
export const DEFAULT_CONFUSABLE_PAIRS: readonly string[] = CONFUSABLE_PAIRS.filter(
  (entry) => entry.byDefault,
).map((entry) => entry.pair);

/**
 * Makes a table of pairs such as "O/0"; "Q/0/O" means every pair of the three.
 * @throws RangeError naming a specification that is not of single, different, normalised characters
 */
export function compileConfusables(specs: Iterable<string>): ConfusableTable {
  const neighbours = new Map<string, Set<string>>();
  const pairs = new Set<string>();
  for (const spec of specs) {
    const group = charactersOf(spec);
    group.forEach((a, i) => {
      for (const b of group.slice(i + 1)) {
        if (!neighbours.get(a)?.has(b)) pairs.add(`${a}/${b}`);
        join(neighbours, a, b);
        join(neighbours, b, a);
      }
    });
  }
  return { pairs: [...pairs], neighbours, keys: chainKeys(neighbours) };
}

function charactersOf(spec: string): string[] {
  const group = spec.trim().toUpperCase().split("/");
  const fine =
    group.length >= 2 &&
    new Set(group).size === group.length &&
    group.every((char) => /^[\p{Lu}\p{Lo}\p{Nd}]$/u.test(char));
  if (!fine) throw new RangeError(`not a pair of characters such as O/0: "${spec.slice(0, 40)}"`);
  return group;
}

function join(neighbours: Map<string, Set<string>>, a: string, b: string): void {
  const set = neighbours.get(a) ?? new Set([a]);
  set.add(b);
  neighbours.set(a, set);
}

function chainKeys(neighbours: ReadonlyMap<string, ReadonlySet<string>>): Map<string, string> {
  const keys = new Map<string, string>();
  for (const start of [...neighbours.keys()].sort()) {
    if (keys.has(start)) continue;
    const open = [start];
    for (let char = open.pop(); char !== undefined; char = open.pop()) {
      if (keys.has(char)) continue;
      keys.set(char, start);
      open.push(...(neighbours.get(char) ?? []));
    }
  }
  return keys;
}

/** The table of {@link DEFAULT_CONFUSABLE_PAIRS}. */
export const DEFAULT_CONFUSABLES: ConfusableTable = compileConfusables(DEFAULT_CONFUSABLE_PAIRS);

/** Whether two characters are the same or a pair of the table. */
export function confusable(a: string, b: string, table: ConfusableTable): boolean {
  return a === b || (table.neighbours.get(a)?.has(b) ?? false);
}

/**
 * Whether two normalised texts are equal, or of the same length with every
 * differing position a pair of the table.
 */
export function differsOnlyByConfusables(
  a: string,
  b: string,
  table: ConfusableTable = DEFAULT_CONFUSABLES,
): boolean {
  return everyPosition(a, b, (x, y) => confusable(x, y, table));
}

/**
 * Whether some read could be taken for both plates: in every position the two
 * characters are equal, paired, or both paired with a third one. Two vehicles of
 * one list for which this holds cannot be told apart at the gate.
 */
export function acceptedReadsOverlap(
  a: string,
  b: string,
  table: ConfusableTable = DEFAULT_CONFUSABLES,
): boolean {
  return everyPosition(a, b, (x, y) => {
    if (confusable(x, y, table)) return true;
    const others = table.neighbours.get(y);
    return [...(table.neighbours.get(x) ?? [])].some((char) => others?.has(char));
  });
}

function everyPosition(a: string, b: string, same: (x: string, y: string) => boolean): boolean {
  if (a === b) return true;
  const left = [...a];
  const right = [...b];
  return left.length === right.length && left.every((char, i) => same(char, right[i] ?? ""));
}

/**
 * A key that is equal for all texts which differ only in pairs of the table. Texts
 * with equal keys are candidates, not matches: see {@link ConfusableTable}.
 */
export function confusableKey(text: string, table: ConfusableTable = DEFAULT_CONFUSABLES): string {
  let key = "";
  for (const char of text) key += table.keys.get(char) ?? char;
  return key;
}

/** The reads that a list entry accepts. */
export interface AcceptedReads {
  /** The plate itself first, then by number of changed characters; at most `limit`. */
  reads: string[];
  /** How many there are in all. */
  total: number;
}

/** Lists the reads that differ from a normalised plate only in pairs of the table. */
export function acceptedReads(
  plate: string,
  table: ConfusableTable = DEFAULT_CONFUSABLES,
  limit = 1000,
): AcceptedReads {
  const options = [...plate].map((char) => [...(table.neighbours.get(char) ?? [char])]);
  const total = options.reduce((product, chars) => product * chars.length, 1);
  let level: { text: string[]; from: number }[] = [{ text: [...plate], from: 0 }];
  const reads: string[] = [];
  while (level.length > 0 && reads.length < limit) {
    for (const { text } of level) if (reads.length < limit) reads.push(text.join(""));
    level = oneMoreChange(level, options, limit - reads.length);
  }
  return { reads, total };
}

function oneMoreChange(
  level: readonly { text: string[]; from: number }[],
  options: readonly string[][],
  wanted: number,
): { text: string[]; from: number }[] {
  const next: { text: string[]; from: number }[] = [];
  for (const { text, from } of level) {
    for (let i = from; i < text.length; i++) {
      for (const char of options[i] ?? []) {
        if (next.length >= wanted) return next;
        if (char !== text[i]) next.push({ text: text.with(i, char), from: i + 1 });
      }
    }
  }
  return next;
}
