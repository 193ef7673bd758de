/**
 * For each output sample along one axis: the first input sample it takes, how
 * many, and their weights (sum 1), one after the other.
 */
export interface Taps {
  first: Int32Array;
  count: Int32Array;
  weights: Float32Array;
  /** Where the weights of an output sample begin. */
  offset: Int32Array;
}

/**
 * Weights that resample `length` input samples from `start` (may be fractional) to
 * `out` samples: box averages when shrinking, linear interpolation when growing.
 * @param limit number of input samples there are; beyond it the edge is repeated
 */
export function areaTaps(start: number, length: number, out: number, limit: number): Taps {
  const scale = length / out;
  const most = Math.ceil(Math.max(scale, 2)) + 2;
  const taps: Taps = {
    first: new Int32Array(out),
    count: new Int32Array(out),
    weights: new Float32Array(out * most),
    offset: new Int32Array(out),
  };
  for (let i = 0, used = 0; i < out; i++) {
    taps.offset[i] = used;
    const weigh = scale >= 1 ? boxWeights : cubicWeights;
    const count = weigh(start + i * scale, scale, limit, taps, i, used);
    taps.count[i] = count;
    used += count;
  }
  return taps;
}

function boxWeights(
  from: number,
  scale: number,
  limit: number,
  taps: Taps,
  i: number,
  o: number,
): number {
  const a = Math.min(Math.max(from, 0), limit - 1);
  const b = Math.min(Math.max(from + scale, a + 1e-6), limit);
  const first = Math.floor(a);
  const last = Math.min(Math.ceil(b), limit) - 1;
  taps.first[i] = first;
  for (let s = first; s <= last; s++) {
    taps.weights[o + s - first] = (Math.min(s + 1, b) - Math.max(s, a)) / (b - a);
  }
  return last - first + 1;
}

/** Keys' cubic convolution with a = -0.75, as OpenCV has it. */
function cubic(distance: number): number {
  const [a, d] = [-0.75, Math.abs(distance)];
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * (d ** 3 - 5 * d ** 2 + 8 * d - 4) : 0;
}

function cubicWeights(
  from: number,
  scale: number,
  limit: number,
  taps: Taps,
  i: number,
  o: number,
): number {
  const centre = from + scale / 2 - 0.5;
  const floor = Math.floor(centre);
  const clamp = (v: number): number => Math.min(Math.max(v, 0), limit - 1);
  const [first, last] = [clamp(floor - 1), clamp(floor + 2)];
  taps.first[i] = first;
  taps.weights.fill(0, o, o + last - first + 1);
  // what lies beyond the edge repeats the edge
  for (let s = floor - 1; s <= floor + 2; s++) {
    const at = o + clamp(s) - first;
    taps.weights[at] = (taps.weights[at] ?? 0) + cubic(s - centre);
  }
  return last - first + 1;
}

/**
 * Resamples one plane of `channels` interleaved 8-bit channels.
 * @param width row length of the input in pixels
 */
export function resizePlane(
  input: Uint8Array,
  width: number,
  channels: 1 | 3,
  x: Taps,
  y: Taps,
): Uint8Array {
  // rounds, and clamps what cubic interpolation overshoots
  const out = new Uint8ClampedArray(x.first.length * y.first.length * channels);
  const from = (x.first[0] ?? 0) * channels;
  const end = x.first.length - 1;
  const to = ((x.first[end] ?? 0) + (x.count[end] ?? 0)) * channels;
  const row = new Float32Array(to);
  for (let r = 0; r < y.first.length; r++) {
    sumRows(input, width * channels, y, r, row, from, to);
    if (channels === 1) reduceOne(row, x, out, r * x.first.length);
    else reduceThree(row, x, out, r * x.first.length * 3);
  }
  return new Uint8Array(out.buffer);
}

/** The weighted sum of the input rows of output row `r`, into `row`. */
function sumRows(
  input: Uint8Array,
  stride: number,
  y: Taps,
  r: number,
  row: Float32Array,
  from: number,
  to: number,
): void {
  const count = y.count[r] ?? 0;
  for (let k = 0; k < count; k++) {
    const weight = y.weights[(y.offset[r] ?? 0) + k] ?? 0;
    const base = ((y.first[r] ?? 0) + k) * stride;
    if (k === 0) for (let i = from; i < to; i++) row[i] = weight * (input[base + i] as number);
    else
      for (let i = from; i < to; i++) {
        row[i] = (row[i] as number) + weight * (input[base + i] as number);
      }
  }
}

function reduceOne(row: Float32Array, x: Taps, out: Uint8ClampedArray, o: number): void {
  for (let c = 0; c < x.first.length; c++) {
    const count = x.count[c] as number;
    const first = x.first[c] as number;
    const weight = x.offset[c] as number;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      sum += (row[first + k] as number) * (x.weights[weight + k] as number);
    }
    out[o + c] = sum;
  }
}

function reduceThree(row: Float32Array, x: Taps, out: Uint8ClampedArray, o: number): void {
  for (let c = 0; c < x.first.length; c++) {
    const count = x.count[c] as number;
    const weight = x.offset[c] as number;
    let [p, r, g, b] = [(x.first[c] as number) * 3, 0, 0, 0];
    for (let k = 0; k < count; k++, p += 3) {
      const w = x.weights[weight + k] as number;
      r += (row[p] as number) * w;
      g += (row[p + 1] as number) * w;
      b += (row[p + 2] as number) * w;
    }
    out[o + c * 3] = r;
    out[o + c * 3 + 1] = g;
    out[o + c * 3 + 2] = b;
  }
}
