import type { Box } from "../messages";
import { iou } from "./geometry";

/** A plate as labelled. */
export interface Truth {
  box: Box;
  /** Empty where unknown. */
  text: string;
}

/** A plate as found. */
export interface Found {
  box: Box;
  text: string;
  confidence: number;
}

/** One labelled plate and what was found for it. */
export interface Match {
  truth: Truth;
  found: Found | null;
  iou: number;
}

/** Pairs labelled plates with found ones, greatest overlap first, each used once. */
export function matchPlates(
  truths: readonly Truth[],
  found: readonly Found[],
): { matches: Match[]; extra: Found[] } {
  const pairs = truths
    .flatMap((truth) => found.map((f) => ({ truth, found: f, iou: iou(truth.box, f.box) })))
    .filter((p) => p.iou > 0)
    .sort((a, b) => b.iou - a.iou);
  const [seenTruth, seenFound] = [new Set<Truth>(), new Set<Found>()];
  const matches: Match[] = [];
  for (const pair of pairs) {
    if (seenTruth.has(pair.truth) || seenFound.has(pair.found)) continue;
    seenTruth.add(pair.truth);
    seenFound.add(pair.found);
    matches.push(pair);
  }
  const missed = truths.filter((t) => !seenTruth.has(t));
  return {
    matches: [...matches, ...missed.map((truth) => ({ truth, found: null, iou: 0 }))],
    extra: found.filter((f) => !seenFound.has(f)),
  };
}

/** The text with pairs that no eye can tell apart made equal: O as 0, I as 1. */
export function foldText(text: string): string {
  return text.replace(/O/g, "0").replace(/I/g, "1");
}

/** Levenshtein distance: characters inserted, left out or replaced. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let k = 1; k <= b.length; k++) {
      const same = a[i - 1] === b[k - 1] ? 0 : 1;
      const replaced = (row[k - 1] ?? 0) + same;
      next.push(Math.min(replaced, (row[k] ?? 0) + 1, (next[k - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Share with its Wilson 95 % interval. */
export interface Share {
  hits: number;
  of: number;
  share: number;
  low: number;
  high: number;
}

/** Wilson's score interval, 95 % (Wilson 1927). */
export function share(hits: number, of: number): Share {
  if (of === 0) return { hits, of, share: 0, low: 0, high: 1 };
  const z = 1.96;
  const p = hits / of;
  const middle = (p + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const spread = (z / (1 + (z * z) / of)) * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  return {
    hits,
    of,
    share: p,
    low: Math.max(0, middle - spread),
    high: Math.min(1, middle + spread),
  };
}

/** What one picture gave. */
export interface PictureScore {
  file: string;
  matches: Match[];
  extra: Found[];
}

/** Widths (pixels) at which size buckets begin. */
export const SIZE_BUCKETS = [0, 24, 48, 96, 192] as const;

export interface Summary {
  pictures: number;
  plates: number;
  detection: { iou: number; recall: Share; precision: Share }[];
  meanIou: number;
  /** False alarms on pictures without a plate. */
  alarms: { pictures: number; found: number };
  exact: Share;
  folded: Share;
  /** Edits per labelled character. */
  cer: number;
  buckets: { from: number; recall: Share; exact: Share; folded: Share }[];
}

/**
 * Figures of a set. Plates narrower than `minWidth` count neither for nor against.
 * A text counts as read where the plate was found with at least `textIou`.
 */
export function summarise(scores: readonly PictureScore[], minWidth = 0, textIou = 0.3): Summary {
  const all = scores.flatMap((s) => s.matches);
  const counted = all.filter((m) => m.truth.box[2] >= minWidth);
  const extra = scores.flatMap((s) => s.extra).length;
  const hitsAt = (list: Match[], t: number): Match[] => list.filter((m) => m.iou >= t);
  const detection = [0.5, 0.7].map((t) => {
    const hits = hitsAt(counted, t).length;
    const wrong = all.filter((m) => m.found && m.iou < t && m.truth.box[2] >= minWidth).length;
    return {
      iou: t,
      recall: share(hits, counted.length),
      precision: share(hits, hits + wrong + extra),
    };
  });
  const found = hitsAt(counted, 0.5);
  const empty = scores.filter((s) => s.matches.length === 0);
  const texts = (list: Match[]): Match[] => list.filter((m) => m.truth.text !== "");
  const read = (m: Match): string => (m.iou >= textIou ? (m.found?.text ?? "") : "");
  const exact = (list: Match[]): Share =>
    share(texts(list).filter((m) => read(m) === m.truth.text).length, texts(list).length);
  const folded = (list: Match[]): Share => {
    const same = (m: Match): boolean => foldText(read(m)) === foldText(m.truth.text);
    return share(texts(list).filter(same).length, texts(list).length);
  };
  const length = texts(counted).reduce((n, m) => n + m.truth.text.length, 0);
  const edits = texts(counted).reduce((n, m) => n + editDistance(read(m), m.truth.text), 0);
  return {
    pictures: scores.length,
    plates: counted.length,
    detection,
    meanIou: found.length ? found.reduce((n, m) => n + m.iou, 0) / found.length : 0,
    alarms: { pictures: empty.length, found: empty.reduce((n, s) => n + s.extra.length, 0) },
    exact: exact(counted),
    folded: folded(counted),
    cer: length ? edits / length : 0,
    buckets: SIZE_BUCKETS.map((from, i) => {
      const to = SIZE_BUCKETS[i + 1] ?? Infinity;
      const inside = counted.filter((m) => m.truth.box[2] >= from && m.truth.box[2] < to);
      const recall = share(hitsAt(inside, 0.5).length, inside.length);
      return { from, recall, exact: exact(inside), folded: folded(inside) };
    }).filter((b) => b.recall.of > 0),
  };
}
