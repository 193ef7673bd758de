// What a point of a car looks like: colour by part and place, light, reflection.
import { PART } from "./car.mjs";
import { clamp, dot, mix, norm, scale, step } from "./maths.mjs";
import { plateColour } from "./plate.mjs";
import { SUN, camera, haze, matt, mirrored } from "./world.mjs";

const CHROME = { albedo: [0.5, 0.51, 0.53], gloss: 0.75 };
const BLACK = { albedo: [0.012, 0.012, 0.014], gloss: 0.25 };

/** Negative inside a rounded rectangle. */
function panel(x, z, cx, cz, hw, hh, r) {
  const dx = Math.abs(x - cx) - hw + r;
  const dz = Math.abs(z - cz) - hh + r;
  return Math.hypot(Math.max(dx, 0), Math.max(dz, 0)) + Math.min(Math.max(dx, dz), 0) - r;
}

const FRONTS = {
  hatch(x, z) {
    const ax = Math.abs(x);
    const lamp = panel(ax, z - (ax - 0.6) * 0.16, 0.625, 0.655, 0.165, 0.058, 0.05);
    if (lamp < 0)
      return lampGlass(
        lamp,
        Math.hypot(ax - 0.57, (z - 0.65) * 1.05),
        0.036,
        z - (ax - 0.6) * 0.16 < 0.618,
      );
    if (panel(x, z, 0, 0.635, 0.4, 0.045, 0.03) < 0) {
      if (Math.hypot(x, z - 0.637) < 0.052)
        return Math.hypot(x, z - 0.637) < 0.036 ? { ...CHROME, albedo: [0.2, 0.22, 0.26] } : CHROME;
      return ((z - 0.59) / 0.03) % 1 < 0.26 ? CHROME : BLACK;
    }
    if (panel(x, z, 0, 0.305, 0.52, 0.06, 0.05) < 0) return mesh(x, z);
    if (panel(ax, z, 0.69, 0.33, 0.07, 0.05, 0.04) < 0) return fog(Math.hypot(ax - 0.68, z - 0.33));
    if (Math.abs(z - 0.556) < 0.004 && ax < 0.8) return BLACK;
    if (z < 0.25) return BLACK;
    return null;
  },
  suv(x, z) {
    const ax = Math.abs(x);
    const round = Math.hypot(ax - 0.665, z - 0.82);
    if (round < 0.115)
      return lampGlass(
        round - 0.115,
        Math.hypot(ax - 0.665, z - 0.82),
        0.05,
        Math.abs(round - 0.098) < 0.01,
      );
    if (panel(x, z, 0, 0.81, 0.5, 0.085, 0.04) < 0) {
      if (panel(x, z, 0, 0.81, 0.485, 0.07, 0.03) > 0) return CHROME;
      return Math.abs(((x / 0.1 + 20.5) % 1) - 0.5) < 0.2 ? CHROME : BLACK;
    }
    if (panel(x, z, 0, 0.385, 0.6, 0.06, 0.03) < 0) return mesh(x, z);
    if (panel(ax, z, 0.72, 0.47, 0.06, 0.045, 0.045) < 0)
      return fog(Math.hypot(ax - 0.72, z - 0.47));
    if (z < 0.47 && z > 0.3) return { albedo: [0.05, 0.05, 0.052], gloss: 0.15 };
    if (z <= 0.3) return { albedo: [0.34, 0.34, 0.35], gloss: 0.3 };
    if (Math.abs(z - 0.7) < 0.004) return BLACK;
    return null;
  },
};

function lampGlass(edge, fromBulb, bulb, running) {
  if (edge > -0.008) return BLACK;
  if (running) return { albedo: [0.9, 0.9, 0.9], gloss: 0.2, glow: [2.6, 2.7, 2.9] };
  if (fromBulb < bulb)
    return {
      albedo: [0.8, 0.8, 0.8],
      gloss: 0.6,
      glow: scale([1.5, 1.45, 1.3], 1 - fromBulb / bulb / 2),
    };
  if (fromBulb < bulb + 0.013) return CHROME;
  return { albedo: [0.2, 0.21, 0.23], gloss: 0.7 };
}

const mesh = (x, z) =>
  Math.abs(((x / 0.03 + 60) % 1) - 0.5) < 0.14 || Math.abs(((z / 0.022 + 60) % 1) - 0.5) < 0.14
    ? { albedo: [0.06, 0.06, 0.062], gloss: 0.2 }
    : { albedo: [0.006, 0.006, 0.006], gloss: 0 };
const fog = (d) => (d < 0.03 ? { albedo: [0.65, 0.65, 0.62], gloss: 0.6 } : BLACK);

function bodyMaterial(car, p, n) {
  const [x, y, z] = p;
  if (y < 0.5 && n[1] < -0.25) {
    const front = FRONTS[car.front](x, z);
    if (front) return front;
  }
  if (Math.abs(n[0]) > 0.45 || n[2] < -0.3) {
    for (const axle of car.axles) {
      if (Math.hypot(y - axle, z - car.wheel) < car.wheel + 0.055) return BLACK;
    }
    if (z < car.floor + 0.1) return { albedo: [0.03, 0.03, 0.032], gloss: 0.1 };
    for (const gap of [1.22, 2.35, 3.35]) if (Math.abs(y - gap) < 0.006 && z > 0.35) return BLACK;
    if (
      Math.abs(z - car.cabin.base + 0.13) < 0.012 &&
      [1.95, 3.0].some((h) => Math.abs(y - h) < 0.09)
    )
      return CHROME;
  }
  if (n[2] > 0.5 && y < car.cabin.front[0] + 0.1) {
    const line = Math.abs(Math.abs(x) - (0.47 + 0.1 * y)) < 0.006 || Math.abs(y - 0.2) < 0.005;
    if (line) return BLACK;
  }
  return { albedo: car.paint, gloss: 1, paint: true };
}

function cabinMaterial(car, p, n) {
  const [x, y, z] = p;
  const { base, shoulder, half, front } = car.cabin;
  const t = clamp((z - base) / (shoulder - base), 0, 1.15);
  const w = mix(half[0], half[1], t);
  const glass = { albedo: [0.012, 0.016, 0.018], gloss: 1, glass: true };
  if (z > shoulder + 0.015 || z < base + 0.05)
    return z < base + 0.05 ? BLACK : { albedo: car.paint, gloss: 1, paint: true };
  if (n[1] < -0.3) {
    if (Math.abs(x) > w - 0.075) return { albedo: car.paint, gloss: 1, paint: true };
    return inside(car, x, z, t, glass);
  }
  if (n[1] > 0.4) return glass;
  const pillar = Math.abs(y - 2.42) < 0.05 || y < front[0] + 0.8 * t + 0.12 + (0.35 * t) / 2;
  return pillar ? { albedo: [0.02, 0.02, 0.022], gloss: 0.6 } : glass;
}

/** Seats, wheel and driver behind the windscreen, faintly. */
function inside(car, x, z, t, glass) {
  const h = z - car.cabin.base;
  const tall = car.cabin.shoulder - car.cabin.base;
  let v = 0.012 + 0.02 * t;
  for (const s of [-0.34, 0.34]) {
    if (panel(x, h, s, tall * 0.66, 0.1, tall * 0.15, 0.05) < 0) v = 0.045;
    if (panel(x, h, s, tall * 0.28, 0.2, tall * 0.26, 0.09) < 0) v = 0.03;
  }
  const ring = Math.hypot(x - 0.34, (h - tall * 0.2) * 1.25);
  if (Math.abs(ring - 0.15) < 0.014) v = 0.006;
  if (h < 0.09) v = 0.02;
  return { ...glass, albedo: [v, v * 1.05, v * 1.08] };
}

function tyreMaterial(car, p) {
  const near = car.axles.reduce((a, b) => (Math.abs(p[1] - a) < Math.abs(p[1] - b) ? a : b));
  const dy = p[1] - near;
  const dz = p[2] - car.wheel;
  const r = Math.hypot(dy, dz);
  if (r > car.wheel * 0.68) return { albedo: [0.018, 0.018, 0.019], gloss: 0.05 };
  const spoke = Math.abs(Math.sin(Math.atan2(dz, dy) * 2.5));
  return r < 0.05 || spoke > 0.55 || r > car.wheel * 0.6 ? CHROME : BLACK;
}

function material(car, part, p, n, width) {
  if (part === PART.body) return bodyMaterial(car, p, n);
  if (part === PART.cabin) return cabinMaterial(car, p, n);
  if (part === PART.tyre) return tyreMaterial(car, p);
  if (part === PART.mirror) return { albedo: car.paint, gloss: 1, paint: true };
  if (part === PART.holder) return { albedo: [0.02, 0.02, 0.022], gloss: 0.1 };
  const u = (p[0] + 0.26) / 0.52;
  const v = (car.plateHeight + 0.0555 - p[2]) / 0.111;
  return { albedo: scale(plateColour(car.plate, u, v, width), 0.78), gloss: 0.12 };
}

/**
 * Colour (linear) of a car's point.
 * @param local point and normal in the car's axes; `world` the same in the world's
 * @param width how many samples wide the plate is there
 */
export function shade(car, part, local, world, width) {
  const m = material(car, part, local.p, local.n, width);
  const n = world.n;
  const view = norm([
    world.p[0] - camera.at[0],
    world.p[1] - camera.at[1],
    world.p[2] - camera.at[2],
  ]);
  const low = 0.35 + 0.65 * step(0, 0.5, world.p[2]);
  const sun = n[2] < -0.2 ? 0.1 : 1;
  const base = matt(m.albedo, n, sun, low);
  const facing = dot(view, n);
  const r = [0, 1, 2].map((i) => view[i] - 2 * facing * n[i]);
  const bounce = mirrored(r);
  const fresnel = 0.045 + 0.955 * Math.pow(1 - clamp(-facing), 5);
  const strength = m.paint
    ? fresnel * 1.1 + 0.03
    : m.glass
      ? fresnel * 1.15 + 0.05
      : fresnel * m.gloss + m.gloss * (m === CHROME ? 0.45 : 0);
  const shine = Math.pow(clamp(dot(r, SUN)), m.paint ? 180 : 60) * m.gloss * (m.paint ? 3.5 : 1);
  const flake = m.paint ? Math.pow(clamp(dot(r, SUN)), 7) * 0.35 : 0;
  const out = [0, 1, 2].map(
    (i) =>
      base[i] * (1 - strength * 0.6) +
      bounce[i] * Math.min(1, strength) * low +
      shine +
      flake * m.albedo[i] * 3 +
      (m.glow?.[i] ?? 0),
  );
  return haze(out, Math.hypot(world.p[0], world.p[1]));
}
