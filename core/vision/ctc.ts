import type { CharacterRead } from "../messages";

/** Alternatives kept per character. */
const MAX_ALTERNATIVES = 4;
/** Alternatives below this confidence say nothing. */
const MIN_ALTERNATIVE = 0.001;

/** Class probabilities over time, row by row: `data[t * classes + c]`, class 0 is the blank. */
export interface Sequence {
  data: Float32Array;
  steps: number;
  classes: number;
}

export interface CtcText {
  characters: CharacterRead[];
  /** Frame at which each character is surest. */
  frames: number[];
}

/** Softmax over classes of logits divided by a calibration temperature; stable for large logits. */
export function softmax(logits: Float32Array, classes: number, temperature = 1): Float32Array {
  const out = new Float32Array(logits.length);
  for (let row = 0; row < logits.length; row += classes) {
    let most = -Infinity;
    for (let c = 0; c < classes; c++) most = Math.max(most, logits[row + c] ?? 0);
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(((logits[row + c] ?? 0) - most) / temperature);
      out[row + c] = e;
      sum += e;
    }
    for (let c = 0; c < classes; c++) out[row + c] = (out[row + c] ?? 0) / sum;
  }
  return out;
}

/**
 * Greedy CTC (Graves et al. 2006): the best class of each frame, repeats merged,
 * blanks dropped. A character's confidence is its highest probability over the
 * frames it was merged from; its alternatives are the other classes there.
 * @param symbols character of class `c` is `symbols[c - 1]`; null where a class is not written
 * @param breakAt a frame before which nothing is merged with what comes after (second row)
 */
export function decodeCtc(p: Sequence, symbols: readonly (string | null)[], breakAt = -1): CtcText {
  const text: CtcText = { characters: [], frames: [] };
  let run: { cls: number; frame: number; confidence: number } | null = null;
  const finish = (): void => {
    const char = run ? symbols[run.cls - 1] : null;
    if (run && char != null) {
      const { frame, confidence, cls } = run;
      text.characters.push({ char, confidence, alternatives: others(p, symbols, frame, cls) });
      text.frames.push(frame);
    }
    run = null;
  };
  for (let t = 0; t < p.steps; t++) {
    const { cls, confidence } = bestOf(p, t);
    if (run !== null && (run.cls !== cls || t === breakAt)) finish();
    if (cls === 0) continue;
    if (run === null || confidence > run.confidence) run = { cls, frame: t, confidence };
  }
  finish();
  return text;
}

function bestOf(p: Sequence, t: number): { cls: number; confidence: number } {
  let cls = 0;
  for (let c = 1; c < p.classes; c++) {
    if ((p.data[t * p.classes + c] ?? 0) > (p.data[t * p.classes + cls] ?? 0)) cls = c;
  }
  return { cls, confidence: p.data[t * p.classes + cls] ?? 0 };
}

function others(
  p: Sequence,
  symbols: readonly (string | null)[],
  frame: number,
  chosen: number,
): CharacterRead["alternatives"] {
  const found: CharacterRead["alternatives"] = [];
  for (let c = 1; c < p.classes; c++) {
    const char = symbols[c - 1];
    const confidence = p.data[frame * p.classes + c] ?? 0;
    if (c !== chosen && char != null && confidence >= MIN_ALTERNATIVE) {
      found.push({ char, confidence });
    }
  }
  return found.sort((a, b) => b.confidence - a.confidence).slice(0, MAX_ALTERNATIVES);
}

/**
 * Confidence that the whole text is right: the product over its characters, which
 * are calibrated one by one and taken as independent. 0 for no characters.
 */
export function textConfidence(characters: readonly CharacterRead[]): number {
  if (characters.length === 0) return 0;
  return characters.reduce((product, c) => product * c.confidence, 1);
}

/** When a read is declined: its mean or its least character confidence is too low, or it is too short or long. */
export interface RejectRules {
  mean: number;
  min: number;
  minLength: number;
  maxLength: number;
}

/** Why a read is declined, or null where it stands. */
export function rejection(characters: readonly CharacterRead[], rules: RejectRules): string | null {
  if (characters.length === 0) return "no_text";
  if (characters.length < rules.minLength) return "too_short";
  if (characters.length > rules.maxLength) return "too_long";
  const each = characters.map((c) => c.confidence);
  if (each.reduce((a, b) => a + b, 0) / each.length < rules.mean) return "low_confidence";
  if (Math.min(...each) < rules.min) return "unsure_character";
  return null;
}
