import type { EventFilter } from "./filters";

/** Events are counted per quarter of an hour, so that every time zone's hours begin on a border. */
export const QUARTER_MS = 15 * 60_000;
/** Quarters are added up per day (UTC), so that long ranges cost little. */
export const DAY_MS = 24 * 3_600_000;
/** The span of rows that add up a whole quarter, whatever camera or decision: one row each. */
export const WHOLE_QUARTER = -QUARTER_MS;

/** What counts are kept by: parts of a filter that counts alone can answer. */
export const COUNTED = [
  "cameraId",
  "zoneId",
  "laneId",
  "siteId",
  "decision",
  "source",
] as const satisfies readonly (keyof EventFilter)[];
const RANGE = ["from", "to"] as const;

/** A half-open range, [from, to), in ms; infinite where it is open. */
export interface Span {
  from: number;
  to: number;
}

/** A range cut into what counts of days and quarters know, and the rest. */
export interface RangeParts {
  days: Span | null;
  quarters: Span[];
  /** To be counted event by event: each shorter than a quarter. */
  rest: Span[];
}

/** Whether counts alone answer a filter, its range aside. */
export function isCounted(filter: EventFilter): boolean {
  const known: readonly string[] = [...COUNTED, ...RANGE];
  return Object.entries(filter).every(
    ([part, value]) => value === undefined || known.includes(part),
  );
}

/** Whether a filter asks for everything, its range aside. */
export function isWhole(filter: EventFilter): boolean {
  return isCounted(filter) && COUNTED.every((part) => filter[part] === undefined);
}

/** The parts of a filter that counts answer. */
export function countedPart(filter: EventFilter): EventFilter {
  return Object.fromEntries([...COUNTED, ...RANGE].map((part) => [part, filter[part]]));
}

/** Cuts a filter's range (both ends inclusive) at the borders of quarters and days. */
export function partsOf({ from, to }: Pick<EventFilter, "from" | "to">): RangeParts {
  const start = from ?? -Infinity;
  const end = to === undefined ? Infinity : to + 1;
  const first = ceil(start, QUARTER_MS);
  const last = floor(end, QUARTER_MS);
  if (first >= last) return { days: null, quarters: [], rest: spans([start, end]) };
  const rest = spans([start, first], [last, end]);
  const firstDay = ceil(start, DAY_MS);
  const lastDay = floor(end, DAY_MS);
  if (firstDay >= lastDay) return { days: null, quarters: spans([first, last]), rest };
  return {
    days: { from: firstDay, to: lastDay },
    quarters: spans([first, firstDay], [lastDay, last]),
    rest,
  };
}

/** The start of the bucket that a time is in. */
export function floor(at: number, size: number): number {
  return Number.isFinite(at) ? Math.floor(at / size) * size : at;
}

function ceil(at: number, size: number): number {
  return Number.isFinite(at) ? Math.ceil(at / size) * size : at;
}

function spans(...pairs: [number, number][]): Span[] {
  return pairs.filter(([from, to]) => from < to).map(([from, to]) => ({ from, to }));
}
