/**
 * Which input samples along one axis make each output sample, and with what
 * weights: `taps` consecutive ones from `first`. Whole numbers, since JavaScript
 * is several times faster with them.
 */
export interface Weights {
  first: Int32Array;
  taps: number;
  /** `taps` a sample, in units of 1 / {@link UNIT}; they sum to one. */
  weights: Int32Array;
}

const BITS = 12;
const UNIT = 1 << BITS;
/** Bits that sums over rows drop before they are summed over columns, to stay within 32. */
const DROP = 4;
const HALF = 1 << (2 * BITS - DROP - 1);

/**
 * Weights that resample `length` input samples from `start` (may be fractional) to
 * `out` samples: box averages when shrinking, cubic interpolation when growing.
 * @param limit number of input samples there are; beyond it the edge is repeated
 */
export function resampling(start: number, length: number, out: number, limit: number): Weights {
  const scale = length / out;
  const shrinking = scale >= 1;
  const taps = shrinking ? Math.ceil(scale) + 1 : 4;
  const made: Weights = {
    first: new Int32Array(out),
    taps,
    weights: new Int32Array(out * taps),
  };
  const exact = new Float64Array(taps);
  for (let i = 0; i < out; i++) {
    exact.fill(0);
    const weigh = shrinking ? boxWeights : cubicWeights;
    made.first[i] = weigh(start + i * scale, scale, limit, exact);
    quantise(exact, made.weights, i * taps);
  }
  return withoutLast(made);
}

/** Without the last tap where nothing ever weighs it: 1280 to 960 pixels takes two taps, not three. */
function withoutLast({ first, taps, weights }: Weights): Weights {
  for (let w = taps - 1; w < weights.length; w += taps) {
    if (weights[w] !== 0) return { first, taps, weights };
  }
  return { first, taps: taps - 1, weights: weights.filter((_, w) => w % taps !== taps - 1) };
}

/** Rounds weights so that their sum stays one: the error goes to the largest. */
function quantise(exact: Float64Array, weights: Int32Array, at: number): void {
  let [left, largest] = [UNIT, 0];
  for (let k = 0; k < exact.length; k++) {
    const weight = Math.round((exact[k] ?? 0) * UNIT);
    weights[at + k] = weight;
    left -= weight;
    if (weight > (weights[at + largest] ?? 0)) largest = k;
  }
  weights[at + largest] = (weights[at + largest] ?? 0) + left;
}

/** Shares of the input samples that an output sample covers. */
function boxWeights(from: number, scale: number, limit: number, weights: Float64Array): number {
  const a = Math.min(Math.max(from, 0), limit - 1);
  const b = Math.min(Math.max(from + scale, a + 1e-6), limit);
  const first = Math.floor(a);
  for (let s = first; s < b && s - first < weights.length; s++) {
    weights[s - first] = (Math.min(s + 1, b) - Math.max(s, a)) / (b - a);
  }
  return first;
}

/** Keys' cubic convolution with a = -0.75, as OpenCV has it. */
function cubic(distance: number): number {
  const [a, d] = [-0.75, Math.abs(distance)];
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * (d ** 3 - 5 * d ** 2 + 8 * d - 4) : 0;
}

function cubicWeights(from: number, scale: number, limit: number, weights: Float64Array): number {
  const centre = from + scale / 2 - 0.5;
  const floor = Math.floor(centre);
  const clamp = (v: number): number => Math.min(Math.max(v, 0), limit - 1);
  const first = clamp(floor - 1);
  // what lies beyond the edge repeats the edge
  for (let s = floor - 1; s <= floor + 2; s++) {
    const k = clamp(s) - first;
    weights[k] = (weights[k] ?? 0) + cubic(s - centre);
  }
  return first;
}

/**
 * Resamples one plane of `channels` interleaved 8-bit channels.
 * @param width row length of the input in pixels
 */
export function resizePlane(
  input: Uint8Array,
  width: number,
  channels: 1 | 3,
  x: Weights,
  y: Weights,
): Uint8Array {
  if (channels === 1 && isEven(x, 1) && isEven(y, 1)) return copied(input, width, x, y);
  if (channels === 1 && isEven(x, 2) && isEven(y, 2)) return halved(input, width, x, y);
  const columns = x.first.length;
  const from = (x.first[0] ?? 0) * channels;
  const to = Math.min((x.first[columns - 1] ?? 0) + x.taps, width) * channels;
  // room behind the last sample, for taps of weight 0
  const row = new Int32Array(to + x.taps * channels);
  // rounds, and clamps what cubic interpolation overshoots
  const out = new Uint8ClampedArray(columns * y.first.length * channels);
  for (let r = 0; r < y.first.length; r++) {
    sumRows(input, width * channels, y, r, row, from, to);
    if (channels === 1) reduceOne(row, x, out, r * columns);
    else if (x.taps === 2) reduceThreeOfTwo(row, x, out, r * columns * 3);
    else if (x.taps === 3) reduceThreeOfThree(row, x, out, r * columns * 3);
    else reduceThree(row, x, out, r * columns * 3);
  }
  return new Uint8Array(out.buffer);
}

/** Whether each output sample is the mean of its own `of` input samples, in order: nothing is left to weigh. */
function isEven({ first, taps, weights }: Weights, of: 1 | 2): boolean {
  const start = first[0] ?? 0;
  return (
    taps === of &&
    weights.every((weight) => weight === UNIT / of) &&
    first.every((sample, i) => sample === start + i * of)
  );
}

/** A part as it is: chroma at the size of its own, as of a picture shown at half its size. */
function copied(input: Uint8Array, width: number, x: Weights, y: Weights): Uint8Array {
  const [columns, rows] = [x.first.length, y.first.length];
  const out = new Uint8Array(columns * rows);
  for (let r = 0; r < rows; r++) {
    const at = (y.first[r] as number) * width + (x.first[0] as number);
    out.set(input.subarray(at, at + columns), r * columns);
  }
  return out;
}

/** Half the size, as 1920 pixels are looked at in 960: the same numbers as the general way in a quarter of the time. */
function halved(input: Uint8Array, width: number, x: Weights, y: Weights): Uint8Array {
  const [columns, rows] = [x.first.length, y.first.length];
  const out = new Uint8Array(columns * rows);
  for (let r = 0, o = 0; r < rows; r++) {
    let upper = (y.first[r] as number) * width + (x.first[0] as number);
    let lower = upper + width;
    for (const end = o + columns; o < end; o++, upper += 2, lower += 2) {
      const sum =
        (input[upper] as number) +
        (input[upper + 1] as number) +
        (input[lower] as number) +
        (input[lower + 1] as number);
      out[o] = (sum + 2) >> 2;
    }
  }
  return out;
}

/** The weighted sum of the input rows of output row `r`, three rows at a time, into `row`. */
function sumRows(
  input: Uint8Array,
  stride: number,
  y: Weights,
  r: number,
  row: Int32Array,
  from: number,
  to: number,
): void {
  const last = input.length - stride;
  const first = y.first[r] as number;
  for (let k = 0; k < y.taps; k += 3) {
    const weight = (n: number): number =>
      k + n < y.taps ? (y.weights[r * y.taps + k + n] as number) : 0;
    const base = (n: number): number => Math.min((first + k + n) * stride, last);
    const [wa, wb, wc] = [weight(0), weight(1), weight(2)];
    const [a, b, c] = [base(0), base(1), base(2)];
    if (k === 0 && wc === 0) {
      for (let i = from; i < to; i++) {
        row[i] = (wa * (input[a + i] as number) + wb * (input[b + i] as number)) >> DROP;
      }
    } else if (k === 0) {
      for (let i = from; i < to; i++) {
        const sum =
          wa * (input[a + i] as number) +
          wb * (input[b + i] as number) +
          wc * (input[c + i] as number);
        row[i] = sum >> DROP;
      }
    } else if (wa !== 0 || wb !== 0 || wc !== 0) {
      for (let i = from; i < to; i++) {
        const sum =
          wa * (input[a + i] as number) +
          wb * (input[b + i] as number) +
          wc * (input[c + i] as number);
        row[i] = (row[i] as number) + (sum >> DROP);
      }
    }
  }
}

function reduceOne(row: Int32Array, x: Weights, out: Uint8ClampedArray, o: number): void {
  const { first, taps, weights } = x;
  for (let c = 0, w = 0; c < first.length; c++) {
    let [p, sum] = [first[c] as number, HALF];
    for (let k = 0; k < taps; k++) sum += (row[p++] as number) * (weights[w++] as number);
    out[o + c] = sum >> (2 * BITS - DROP);
  }
}

function reduceThree(row: Int32Array, x: Weights, out: Uint8ClampedArray, o: number): void {
  const { first, taps, weights } = x;
  for (let c = 0, w = 0; c < first.length; c++, o += 3) {
    let p = (first[c] as number) * 3;
    let [r, g, b] = [HALF, HALF, HALF];
    for (let k = 0; k < taps; k++, p += 3) {
      const weight = weights[w++] as number;
      r += (row[p] as number) * weight;
      g += (row[p + 1] as number) * weight;
      b += (row[p + 2] as number) * weight;
    }
    out[o] = r >> (2 * BITS - DROP);
    out[o + 1] = g >> (2 * BITS - DROP);
    out[o + 2] = b >> (2 * BITS - DROP);
  }
}

/** The common cases, shrinking to between a half and the whole, without the inner loop. */
function reduceThreeOfTwo(row: Int32Array, x: Weights, out: Uint8ClampedArray, o: number): void {
  const { first, weights } = x;
  const shift = 2 * BITS - DROP;
  for (let c = 0, w = 0; c < first.length; c++, o += 3, w += 2) {
    const p = (first[c] as number) * 3;
    const u = weights[w] as number;
    const v = weights[w + 1] as number;
    out[o] = ((row[p] as number) * u + (row[p + 3] as number) * v + HALF) >> shift;
    out[o + 1] = ((row[p + 1] as number) * u + (row[p + 4] as number) * v + HALF) >> shift;
    out[o + 2] = ((row[p + 2] as number) * u + (row[p + 5] as number) * v + HALF) >> shift;
  }
}

function reduceThreeOfThree(row: Int32Array, x: Weights, out: Uint8ClampedArray, o: number): void {
  const { first, weights } = x;
  const shift = 2 * BITS - DROP;
  for (let c = 0, w = 0; c < first.length; c++, o += 3, w += 3) {
    const p = (first[c] as number) * 3;
    const u = weights[w] as number;
    const v = weights[w + 1] as number;
    const t = weights[w + 2] as number;
    const sum = (k: number): number =>
      (row[k] as number) * u + (row[k + 3] as number) * v + (row[k + 6] as number) * t + HALF;
    out[o] = sum(p) >> shift;
    out[o + 1] = sum(p + 1) >> shift;
    out[o + 2] = sum(p + 2) >> shift;
  }
}
