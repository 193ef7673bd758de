/** The name of the setting below which a read waits for a person. */
export const REVIEW_SETTING = "review.below_confidence";
const REVIEW_BELOW = 0.8;

/** The confidence below which reads wait for a review; what is no share of 1 is the default. */
export function reviewBelow(value: unknown): number {
  return typeof value === "number" && value >= 0 && value <= 1 ? value : REVIEW_BELOW;
}
