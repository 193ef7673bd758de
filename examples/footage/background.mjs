// The still scene: lane, kerbs, bollards, gate housing, pillars, trees, sky. Ray traced once.
import { add, clamp, fbm, hash, mix, mix3, noise, norm, scale, step } from "./maths.mjs";
import { HEIGHT, LANE_X, SS, SUN, WIDTH, camera, haze, matt, sky } from "./world.mjs";

const FAR = 1e9;
const LANE = [-0.1, 3.0];
const STREET = [28.6, 36.4];

const brick = (p, n) => {
  const u = Math.abs(n[0]) > 0.5 ? p[1] : p[0];
  const row = Math.floor(p[2] / 0.075);
  const col = Math.floor(u / 0.22 + (row % 2) * 0.5);
  const joint =
    Math.min(Math.abs((p[2] / 0.075) % 1), Math.abs((u / 0.22 + (row % 2) * 0.5 + 40) % 1)) < 0.09;
  if (joint) return [0.42, 0.4, 0.37];
  const t = hash(row, col);
  return mix3([0.33, 0.15, 0.1], [0.46, 0.23, 0.15], t);
};
const concrete = (p) => {
  const v = 0.42 + 0.1 * fbm(p[0] * 9 + p[2] * 7, p[1] * 9, 3);
  const joint = Math.abs(((p[1] + 50) % 1) - 0.5) > 0.488 ? 0.6 : 1;
  return [v * joint, v * 0.98 * joint, v * 0.94 * joint];
};
const hedge = (p) => {
  const v = fbm(p[0] * 9 + p[1] * 5, p[2] * 9 + p[1] * 3, 4);
  const deep = step(0.35, 0.6, v);
  return mix3([0.018, 0.035, 0.012], [0.11, 0.17, 0.05], deep);
};
const housing = (p) => {
  if (p[2] > 0.9) return [0.16, 0.16, 0.17];
  const hatch = p[2] > 0.7 && p[2] < 0.86;
  if (hatch)
    return ((p[0] + p[1] + p[2]) * 9 + 90) % 1 < 0.5 ? [0.03, 0.03, 0.03] : [0.85, 0.6, 0.03];
  return [0.72, 0.5, 0.05];
};
const bollard = (p) =>
  p[2] > 0.68 && p[2] < 0.84
    ? [0.85, 0.86, 0.86]
    : p[2] > 0.93
      ? [0.3, 0.3, 0.3]
      : [0.075, 0.08, 0.085];
const facade = (p) => {
  const u = (p[0] + 100) % 3.2;
  const v = (p[2] + 0.2) % 3;
  if (u > 1 && u < 2.2 && v > 1 && v < 2.4)
    return u < 1.06 || u > 2.14 ? [0.7, 0.7, 0.68] : [0.1, 0.12, 0.15];
  return [0.62, 0.58, 0.5];
};
const plain = (colour) => () => colour;

const boxes = [
  { lo: [-0.27, 1, 0], hi: [-0.1, 28.4, 0.12], of: concrete },
  { lo: [3.0, 1, 0], hi: [3.17, 28.4, 0.12], of: concrete },
  { lo: [-40, 36.4, 0], hi: [40, 36.6, 0.13], of: concrete },
  { lo: [-0.54, 4.1, 0], hi: [-0.2, 4.42, 0.98], of: housing },
  { lo: [-0.56, 4.08, 0.98], hi: [-0.18, 4.44, 1.03], of: plain([0.2, 0.2, 0.21]) },
  { lo: [-1.35, 26.6, 0], hi: [-0.8, 27.15, 2.0], of: brick },
  { lo: [-1.42, 26.53, 2.0], hi: [-0.73, 27.22, 2.14], of: concrete },
  { lo: [3.7, 26.6, 0], hi: [4.25, 27.15, 2.0], of: brick },
  { lo: [3.63, 26.53, 2.0], hi: [4.32, 27.22, 2.14], of: concrete },
  { lo: [-30, 26.75, 0], hi: [-1.35, 27.0, 1.15], of: brick },
  { lo: [4.25, 26.75, 0], hi: [30, 27.0, 1.15], of: brick },
  { lo: [5.0, 3, 0], hi: [6.2, 26.2, 1.05], of: hedge },
  { lo: [-60, 39.6, 0], hi: [60, 41, 1.5], of: hedge },
  { lo: [-34, 58, 0], hi: [-2, 70, 8.5], of: facade },
];
const posts = [
  ...[9.2, 11.6, 14, 17, 20.4, 24].map((y) => ({ x: 3.45, y, r: 0.075, h: 0.97, of: bollard })),
  ...[12.5, 17.5, 23].map((y) => ({ x: -0.62, y, r: 0.075, h: 0.97, of: bollard })),
  { x: 4.5, y: 22, r: 0.06, h: 7, of: plain([0.2, 0.22, 0.22]) },
  { x: -0.37, y: 4.26, r: 0.05, h: 1.15, of: plain([1.3, 0.55, 0.05]) },
  { x: -0.37, y: 4.26, r: 0.06, h: 1.055, of: plain([0.1, 0.1, 0.1]) },
];

/** The nearest thing on a ray: `{t, n, of}`, or null. Also used for shadows. */
function hit(o, d, limit = FAR) {
  let best = limit;
  let found = null;
  for (const box of boxes) {
    let near = 1e-4;
    let far = best;
    let axis = -1;
    for (let i = 0; i < 3; i++) {
      let a = (box.lo[i] - o[i]) / d[i];
      let b = (box.hi[i] - o[i]) / d[i];
      if (a > b) [a, b] = [b, a];
      if (a > near) {
        near = a;
        axis = i;
      }
      if (b < far) far = b;
    }
    if (near < far && axis >= 0) {
      best = near;
      const n = [0, 0, 0];
      n[axis] = d[axis] > 0 ? -1 : 1;
      found = { t: near, n, of: box.of };
    }
  }
  for (const post of posts) {
    const ox = o[0] - post.x;
    const oy = o[1] - post.y;
    const a = d[0] * d[0] + d[1] * d[1];
    const b = ox * d[0] + oy * d[1];
    const disc = b * b - a * (ox * ox + oy * oy - post.r * post.r);
    if (disc <= 0) continue;
    const t = (-b - Math.sqrt(disc)) / a;
    const z = o[2] + d[2] * t;
    if (t > 1e-4 && t < best && z >= 0 && z <= post.h) {
      best = t;
      found = { t, n: [(ox + d[0] * t) / post.r, (oy + d[1] * t) / post.r, 0], of: post.of };
    }
  }
  return found;
}

/** Share of the sun that reaches a point, 0..1. */
function sunlight(p, n, seed) {
  const from = add(p, scale(n, 2e-3));
  let lit = 0;
  for (let i = 0; i < 3; i++) {
    const j = [hash(seed, i) - 0.5, hash(seed, i + 31) - 0.5, hash(seed, i + 67) - 0.5];
    if (!hit(from, add(SUN, scale(j, 0.035)), 60)) lit++;
  }
  return lit / 3;
}

/** Albedo of the ground. */
function ground(x, y, distance) {
  const fine = Math.exp(-distance / 16);
  if (y > STREET[1]) return [0.36, 0.35, 0.33];
  if (y > STREET[0]) {
    const v = 0.11 + 0.03 * fbm(x * 0.7, y * 2, 3);
    const dash = Math.abs(y - 32.5) < 0.07 && (x + 90) % 6 < 3.2;
    return dash ? [0.6, 0.6, 0.58] : [v, v, v * 1.02];
  }
  if (x > LANE[0] && x < LANE[1]) return asphalt(x, y, fine);
  if (x > LANE[1] && x < 5) {
    const row = Math.floor(y / 0.2);
    const u = (x + (row % 2) * 0.1) / 0.2;
    const joint = Math.min(u % 1, (((y / 0.2) % 1) + 1) % 1) < 0.07 ? 0.62 : 1;
    const v = (0.29 + 0.08 * hash(Math.floor(u), row)) * mix(0.95, joint, fine);
    return [v * 1.04, v, v * 0.94];
  }
  const blade = fbm(x * 14, y * 9, 3) * 0.6 + fbm(x * 1.2, y * 0.7, 3) * 0.4;
  return mix3([0.05, 0.08, 0.025], [0.16, 0.2, 0.07], blade);
}

function asphalt(x, y, fine) {
  let v = 0.135 + 0.06 * (fbm(x * 1.1, y * 0.8, 4) - 0.5);
  v += (noise(x * 90, y * 90) - 0.5) * 0.06 * fine + (noise(x * 38, y * 30) - 0.5) * 0.035 * fine;
  for (const track of [-0.74, 0.74]) v -= 0.02 * Math.exp(-(((x - LANE_X - track) / 0.2) ** 2));
  v -= 0.025 * Math.exp(-(((x - LANE_X) / 0.22) ** 2)) * fbm(x * 2, y * 1.3, 3);
  const crack = Math.abs(fbm(x * 0.9 + 5, y * 0.55, 4) - 0.52);
  if (crack < 0.0028) v *= 0.72;
  if (x > 0.55 && x < 1.9 && y > 15 && y < 16.6) v = v * 0.75;
  const loop =
    (Math.abs(Math.abs(x - LANE_X) - 0.9) < 0.012 && y > 7.6 && y < 9.6) ||
    (Math.abs(x - LANE_X) < 0.9 && (Math.abs(y - 7.6) < 0.02 || Math.abs(y - 9.6) < 0.02));
  if (loop) v = 0.055;
  const edge = Math.min(x - LANE[0], LANE[1] - x);
  if (edge > 0.1 && edge < 0.2)
    return mix3([v, v, v], [0.56, 0.56, 0.54], 0.75 + 0.25 * noise(x * 40, y * 12));
  v *= mix(0.75, 1, step(0, 0.1, edge));
  return [v, v * 1.005, v * 1.02];
}

/** Trees before the sky. */
function beyond(d) {
  const azimuth = d[0] / d[1];
  const height = d[2] / Math.hypot(d[0], d[1]);
  const crown =
    0.02 +
    0.055 * fbm(azimuth * 16, 3, 4) +
    0.018 * noise(azimuth * 90, height * 140) +
    0.01 * noise(azimuth * 260, height * 300);
  const leaf = fbm(azimuth * 120, height * 120, 4);
  const green = mix3([0.05, 0.085, 0.035], [0.24, 0.3, 0.13], leaf * (0.4 + clamp(height * 14)));
  const cover = step(crown + 0.003, crown - 0.003, height) * step(0.2, 0.26, leaf + 0.2);
  return mix3(sky(norm(d)), haze(green, 30), height < 0.01 ? 1 : cover);
}

/**
 * Traces the background.
 * @returns colour (linear RGB), depth in metres, and where on the ground each sample lies (NaN elsewhere)
 */
export function traceBackground() {
  const w = WIDTH * SS;
  const h = HEIGHT * SS;
  const colour = new Float32Array(w * h * 3);
  const depth = new Float32Array(w * h);
  const groundX = new Float32Array(w * h).fill(NaN);
  const groundY = new Float32Array(w * h).fill(NaN);
  for (let sy = 0; sy < h; sy++) {
    for (let sx = 0; sx < w; sx++) {
      const i = sy * w + sx;
      const d = camera.ray(sx, sy);
      const found = hit(camera.at, d);
      const tGround = d[2] < 0 ? -camera.at[2] / d[2] : FAR;
      let c;
      if (found && found.t < tGround) {
        const p = add(camera.at, scale(d, found.t));
        const low = 0.55 + 0.45 * step(0, 0.25, p[2]);
        c = haze(matt(found.of(p, found.n), found.n, sunlight(p, found.n, i), low), found.t);
        depth[i] = found.t;
      } else if (tGround < 130) {
        const p = add(camera.at, scale(d, tGround));
        c = haze(matt(ground(p[0], p[1], tGround), [0, 0, 1], sunlight(p, [0, 0, 1], i)), tGround);
        depth[i] = tGround;
        groundX[i] = p[0];
        groundY[i] = p[1];
      } else {
        c = beyond(d);
        depth[i] = FAR;
      }
      colour.set(c, i * 3);
    }
  }
  return { colour, depth, groundX, groundY };
}
