import type { Detection, Read } from "../messages";

/** A plate so sure at the first look needs no second. */
const SURE_AT_FIRST = 0.95;
/** What is a plate is so sure in the mean of two looks. */
const SURE_TOGETHER = 0.65;
/** A text so sure, so long and with a digit says that what was in doubt is a plate. */
const TELLING = { confidence: 0.5, characters: 4 };

/** Whether one look is not enough to call it a plate. */
export function needsSecondLook({ confidence }: Detection): boolean {
  return confidence < SURE_AT_FIRST;
}

/**
 * How sure two looks are together: two views of one network err less than one (test-time augmentation).
 * @param nearer what the look from nearer finds there, null where nothing
 */
export function together(first: Detection, nearer: Detection | null): Detection {
  return { ...first, confidence: (first.confidence + (nearer?.confidence ?? 0)) / 2 };
}

/** Whether two looks together make it a plate. */
export function isPlate({ confidence }: Detection): boolean {
  return confidence >= SURE_TOGETHER;
}

/** Whether the text that was read says that a doubtful detection is a plate: lettering without a digit does not. */
export function isToldByText({ readable, confidence, text }: Read): boolean {
  const { confidence: least, characters } = TELLING;
  return readable && confidence >= least && text.length >= characters && /\d/.test(text);
}
