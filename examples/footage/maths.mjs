// Small helpers of the renderer: vectors as arrays, value noise, smooth steps.

export const clamp = (v, lo = 0, hi = 1) => (v < lo ? lo : v > hi ? hi : v);
export const mix = (a, b, t) => a + (b - a) * t;
export const mix3 = (a, b, t) => [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)];
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const scale = (a, s) => [a[0] * s, a[1] * s, a[2] * s];
export const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const sub = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const cross = (a, b) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const norm = (a) => scale(a, 1 / Math.hypot(a[0], a[1], a[2]));

/** 0 below `lo`, 1 above `hi`, smooth between. */
export function step(lo, hi, v) {
  const t = clamp((v - lo) / (hi - lo));
  return t * t * (3 - 2 * t);
}

/** A repeatable number 0..1 for two integers. */
export function hash(x, y) {
  let h = Math.imul(x | 0, 374761393) + Math.imul(y | 0, 668265263);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/** Value noise 0..1. */
export function noise(x, y) {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const fx = x - ix;
  const fy = y - iy;
  const u = fx * fx * (3 - 2 * fx);
  const v = fy * fy * (3 - 2 * fy);
  return mix(
    mix(hash(ix, iy), hash(ix + 1, iy), u),
    mix(hash(ix, iy + 1), hash(ix + 1, iy + 1), u),
    v,
  );
}

/** Noise of several octaves, 0..1. */
export function fbm(x, y, octaves = 4) {
  let sum = 0;
  let weight = 0.5;
  let total = 0;
  for (let i = 0; i < octaves; i++) {
    sum += weight * noise(x, y);
    total += weight;
    x = x * 2.03 + 17.1;
    y = y * 2.03 + 9.7;
    weight *= 0.5;
  }
  return sum / total;
}

/** A smooth curve through control points `[[t, value], …]` in rising t. */
export function curve(points) {
  return (t) => {
    let i = 0;
    while (i < points.length - 2 && t > points[i + 1][0]) i++;
    const [t0, v0] = points[i];
    const [t1, v1] = points[i + 1];
    const before = points[i - 1] ?? points[i];
    const after = points[i + 2] ?? points[i + 1];
    const m0 = ((v1 - before[1]) / Math.max(1e-6, t1 - before[0])) * (t1 - t0);
    const m1 = ((after[1] - v0) / Math.max(1e-6, after[0] - t0)) * (t1 - t0);
    const u = clamp((t - t0) / (t1 - t0));
    const u2 = u * u;
    const u3 = u2 * u;
    return (
      (2 * u3 - 3 * u2 + 1) * v0 + (u3 - 2 * u2 + u) * m0 + (3 * u2 - 2 * u3) * v1 + (u3 - u2) * m1
    );
  };
}
