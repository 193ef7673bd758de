import type { ReadOutcome } from "./ports";

/** Where the bins of confidence begin; the last ends at 1. */
const EDGES = [0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98] as const;
/** Fewer reads say nothing about a threshold. */
const LEAST_READS = 30;

/** The share of wrong reads that is lived with unless asked otherwise. */
export const ERROR_TARGET = 0.01;

export interface CurveBin {
  /** Confidence, from (inclusive) and to (exclusive, the last inclusive). */
  from: number;
  to: number;
  reviewed: number;
  corrected: number;
}

export interface ErrorCurve {
  reviewed: number;
  corrected: number;
  bins: CurveBin[];
  /**
   * The least confidence from which on no more than the target were wrong; null where
   * none does, or too few reads were looked at.
   */
  threshold: number | null;
  /** Why there is no threshold. */
  reason: "too_few" | "none_reaches" | null;
}

/**
 * How often reads of each confidence were wrong, as far as people have looked. They look at
 * unsure reads first, so that the whole is better than this.
 * @param target the share of wrong reads, 0..1, that is lived with
 */
export function errorCurve(outcomes: readonly ReadOutcome[], target: number): ErrorCurve {
  const rated = outcomes.flatMap(({ confidence, right }) =>
    confidence === null ? [] : [{ confidence, right }],
  );
  const bins = EDGES.map((from, index) => {
    const to = EDGES[index + 1] ?? 1;
    const inside = rated.filter(
      ({ confidence }) => confidence >= from && (confidence < to || to === 1),
    );
    return { from, to, reviewed: inside.length, corrected: wrongOf(inside) };
  });
  return {
    reviewed: outcomes.length,
    corrected: wrongOf(outcomes),
    bins,
    ...thresholdOf(rated, target),
  };
}

export interface DecisionCount {
  reviewed: number;
  corrected: number;
}

/** How many of the decisions that were looked at were made on a wrong read. */
export function decisionCounts(
  outcomes: readonly ReadOutcome[],
): Record<"open" | "deny" | "review", DecisionCount> {
  const of = (decision: ReadOutcome["decision"]): DecisionCount => {
    const made = outcomes.filter((one) => one.decision === decision);
    return { reviewed: made.length, corrected: wrongOf(made) };
  };
  return { open: of("open"), deny: of("deny"), review: of("review") };
}

/** From the surest read down: as long as enough of those above are right. */
function thresholdOf(
  rated: readonly { confidence: number; right: boolean }[],
  target: number,
): Pick<ErrorCurve, "threshold" | "reason"> {
  if (rated.length < LEAST_READS) return { threshold: null, reason: "too_few" };
  const sorted = [...rated].sort((a, b) => b.confidence - a.confidence);
  let wrong = 0;
  let threshold: number | null = null;
  sorted.forEach(({ confidence, right }, index) => {
    if (!right) wrong++;
    const next = sorted[index + 1]?.confidence;
    const count = index + 1;
    // reads of the same confidence stand or fall together
    if (next === confidence || count < LEAST_READS) return;
    if (wrong / count <= target) threshold = Math.ceil(confidence * 100 - 1e-9) / 100;
  });
  return { threshold, reason: threshold === null ? "none_reaches" : null };
}

const wrongOf = (outcomes: readonly { right: boolean }[]): number =>
  outcomes.filter(({ right }) => !right).length;
