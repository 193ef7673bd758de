/** How many vehicles went from one camera straight to another in about this time. */
export interface Transit {
  from: string;
  to: string;
  /** Time between the two passages. */
  seconds: number;
  count: number;
}

/** Which transits: passages of one plate at two cameras, with no other passage between. */
export interface TransitQuery {
  /** ms since the epoch, both inclusive. */
  from: number;
  to: number;
  /** Longer absences are two journeys. */
  maxGapMs: number;
}

/** What the database found. */
export interface Transits {
  transits: Transit[];
  /** Only one plate in so many was looked at; the counts are raised by it. 1 = all. */
  sample: number;
}

/** How vehicles go from one place to another. */
export interface Flow {
  from: string;
  to: string;
  count: number;
  /** Half of them, and nine in ten, took at most so long. */
  p50Seconds: number;
  p90Seconds: number;
}

/**
 * Adds transits between cameras up to flows between places, most used first.
 * Transits within one place are left out.
 * @param placeOf the place at which a camera stands
 */
export function flowsOf(transits: readonly Transit[], placeOf: (camera: string) => string): Flow[] {
  const pairs = new Map<string, { from: string; to: string; times: Transit[] }>();
  for (const transit of transits) {
    const [from, to] = [placeOf(transit.from), placeOf(transit.to)];
    if (from === to) continue;
    const key = JSON.stringify([from, to]);
    const pair = pairs.get(key) ?? { from, to, times: [] };
    pair.times.push(transit);
    pairs.set(key, pair);
  }
  return [...pairs.values()]
    .map(({ from, to, times }) => {
      times.sort((a, b) => a.seconds - b.seconds);
      const count = times.reduce((sum, one) => sum + one.count, 0);
      return {
        from,
        to,
        count,
        p50Seconds: quantile(times, count * 0.5),
        p90Seconds: quantile(times, count * 0.9),
      };
    })
    .sort((a, b) => b.count - a.count || (a.from + a.to < b.from + b.to ? -1 : 1));
}

/** The time at which so many have arrived; `times` by time. */
function quantile(times: readonly Transit[], rank: number): number {
  let arrived = 0;
  for (const { seconds, count } of times) {
    arrived += count;
    if (arrived >= rank) return seconds;
  }
  return times.at(-1)?.seconds ?? 0;
}
