import type { CharacterRead } from "../../messages";
import { sameCharacters, substitution } from "./text-distance";

/** One read's say in the text of a passage. */
export interface Ballot {
  characters: readonly CharacterRead[];
  /** How much it counts, above 0: larger and sharper plates count more. */
  weight: number;
}

export interface ConsensusText {
  text: string;
  /** 0..1, that all of `text` is right. */
  confidence: number;
  characters: CharacterRead[];
}

/** Missing characters at the ends are weaker evidence than others: plates get clipped. */
const CLIPPED = 0.7;

/** A column of the vote: what was said there, "" for nothing, and how surely. */
interface Column {
  votes: Map<string, Support>;
}

interface Support {
  weight: number;
  /** Best confidence and number of the reads that said so. */
  best: number;
  count: number;
}

/**
 * The text that reads of one plate agree on, character by character. The reads are
 * aligned with the text that has most weight behind it (a star alignment by edit
 * distance, as in ROVER, Fiscus 1997), so that clipped and overlong reads vote in
 * the right places; in each place the characters are weighed by confidence squared
 * times the read's weight.
 */
export function consensus(ballots: readonly Ballot[]): ConsensusText {
  const pivot = choosePivot(ballots);
  if (!pivot) return { text: "", confidence: 0, characters: [] };
  const columns = Array.from({ length: pivot.length * 2 + 1 }, (): Column => ({
    votes: new Map(),
  }));
  for (const ballot of ballots) tally(columns, pivot, ballot);
  const characters = columns.flatMap(elect);
  const confidence = characters.reduce((product, read) => product * read.confidence, 1);
  const text = characters.map((read) => read.char).join("");
  return { text, confidence: characters.length > 0 ? confidence : 0, characters };
}

/** The text with the greatest sum of weights; longer ones are favoured over clipped ones. */
function choosePivot(ballots: readonly Ballot[]): readonly CharacterRead[] | null {
  const sums = new Map<string, { sum: number; best: Ballot }>();
  for (const ballot of ballots) {
    const text = ballot.characters.map((read) => read.char).join("");
    const share = ballot.weight * meanConfidence(ballot.characters) * ballot.characters.length;
    const entry = sums.get(text) ?? { sum: 0, best: ballot };
    sums.set(text, { sum: entry.sum + share, best: entry.best });
  }
  let chosen: { sum: number; best: Ballot } | null = null;
  for (const entry of sums.values()) if (!chosen || entry.sum > chosen.sum) chosen = entry;
  return chosen ? chosen.best.characters : null;
}

function meanConfidence(characters: readonly CharacterRead[]): number {
  if (characters.length === 0) return 0;
  return characters.reduce((sum, read) => sum + read.confidence, 0) / characters.length;
}

/** Adds a ballot to the columns: odd ones are the pivot's characters, even ones what stands between. */
function tally(columns: Column[], pivot: readonly CharacterRead[], ballot: Ballot): void {
  const { characters, weight } = ballot;
  const quiet = weight * meanConfidence(characters) ** 2;
  const inserted: CharacterRead[][] = Array.from({ length: pivot.length + 1 }, () => []);
  let place = 0;
  for (const step of align(pivot, characters)) {
    if (step.insert) {
      inserted[place]?.push(step.insert);
      continue;
    }
    const column = columns[place * 2 + 1];
    if (column && step.match) voteFor(column, step.match, weight);
    else if (column) add(column, "", quiet * (step.clipped ? CLIPPED : 1), 0);
    place += 1;
  }
  inserted.forEach((run, i) => {
    const column = columns[i * 2];
    if (!column) return;
    const text = run.map((read) => read.char).join("");
    const confidence = run.length > 0 ? Math.min(...run.map((read) => read.confidence)) : 0;
    const atEnd = i === 0 || i === pivot.length;
    if (text === "") add(column, "", quiet * (atEnd ? CLIPPED : 1), 0);
    else add(column, text, weight * confidence ** 2, confidence);
  });
}

function voteFor(column: Column, read: CharacterRead, weight: number): void {
  add(column, read.char, weight * read.confidence ** 2, read.confidence);
  for (const other of read.alternatives) {
    const support = column.votes.get(other.char) ?? { weight: 0, best: 0, count: 0 };
    support.weight += weight * other.confidence ** 2;
    support.best = Math.max(support.best, other.confidence);
    column.votes.set(other.char, support);
  }
}

function add(column: Column, symbol: string, weight: number, confidence: number): void {
  const support = column.votes.get(symbol) ?? { weight: 0, best: 0, count: 0 };
  support.weight += weight;
  support.best = Math.max(support.best, confidence);
  support.count += 1;
  column.votes.set(symbol, support);
}

/** The characters that win a column: none, one, or a run that stands between two of the pivot. */
function elect({ votes }: Column, index: number): CharacterRead[] {
  const ranked = [...votes].sort(([, a], [, b]) => b.weight - a.weight);
  const [first] = ranked;
  if (!first || first[0] === "") return [];
  const [symbol, support] = first;
  const total = ranked.reduce((sum, [, other]) => sum + other.weight, 0);
  const confidenceOf = (one: Support) => {
    const share = total > 0 ? one.weight / total : 0;
    return Math.min(0.999, share * (1 - (1 - one.best) ** Math.sqrt(Math.max(1, one.count))));
  };
  const confidence = confidenceOf(support);
  if (index % 2 === 0) return [...symbol].map((char) => ({ char, confidence, alternatives: [] }));
  const alternatives = ranked
    .slice(1)
    .filter(([char]) => char !== "")
    .map(([char, other]) => ({ char, confidence: confidenceOf(other) }))
    .slice(0, 5);
  return [{ char: symbol, confidence, alternatives }];
}

interface Step {
  /** The read's character for the pivot's next one; null where it has none. */
  match: CharacterRead | null;
  /** No character because the read begins later or ends earlier. */
  clipped: boolean;
  /** A character that the pivot does not have. */
  insert?: CharacterRead;
}

const GAP = 0.7;
const END_GAP = 0.55;

/** The cheapest alignment of a read with the pivot. */
function align(pivot: readonly CharacterRead[], read: readonly CharacterRead[]): Step[] {
  if (sameCharacters(pivot, read)) return read.map((match) => ({ match, clipped: false }));
  const table = alignmentTable(pivot, read);
  const steps: Step[] = [];
  let i = pivot.length;
  let j = read.length;
  while (i > 0 || j > 0) {
    const here = table[i]?.[j] ?? 0;
    const left = pivot[i - 1];
    const right = read[j - 1];
    if (left && right && close(here, cost(table, i - 1, j - 1) + substitution(left, right))) {
      steps.push({ match: right, clipped: false });
      i -= 1;
      j -= 1;
    } else if (i > 0 && close(here, cost(table, i - 1, j) + gapCost(j, read.length))) {
      steps.push({ match: null, clipped: j === 0 || j === read.length });
      i -= 1;
    } else {
      if (right) steps.push({ match: null, clipped: false, insert: right });
      j -= 1;
    }
  }
  return steps.reverse();
}

function alignmentTable(
  pivot: readonly CharacterRead[],
  read: readonly CharacterRead[],
): number[][] {
  const table = Array.from({ length: pivot.length + 1 }, () => Array<number>(read.length + 1));
  for (const [i, row] of table.entries()) {
    for (let j = 0; j <= read.length; j++) {
      const left = pivot[i - 1];
      const right = read[j - 1];
      const options = i === 0 && j === 0 ? [0] : [];
      if (left && right) options.push(cost(table, i - 1, j - 1) + substitution(left, right));
      if (left) options.push(cost(table, i - 1, j) + gapCost(j, read.length));
      if (right) options.push((row[j - 1] ?? 0) + gapCost(i, pivot.length));
      row[j] = Math.min(...options);
    }
  }
  return table;
}

function cost(table: readonly number[][], i: number, j: number): number {
  return table[i]?.[j] ?? Infinity;
}

function gapCost(at: number, length: number): number {
  return at === 0 || at === length ? END_GAP : GAP;
}

function close(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-9;
}
