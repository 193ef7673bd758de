// What camera, sun and sky are: shared by the still background and the cars.
import { add, clamp, cross, dot, fbm, mix3, norm, scale, step, sub } from "./maths.mjs";

export const WIDTH = 1280;
export const HEIGHT = 720;
/** Samples per pixel and direction. */
export const SS = 2;

const rad = (degrees) => (degrees * Math.PI) / 180;

/** The gate camera: 1.6 m above the ground, left of the lane, looking along +y and down. */
export const camera = makeCamera({
  at: [0, 0, 1.6],
  yaw: rad(8),
  pitch: rad(-5),
  roll: rad(1.2),
  focal: 2000,
});

export const SUN = norm([-0.55, -0.5, 0.62]);
export const SUN_COLOUR = [2.35, 2.15, 1.85];
export const AMBIENT = [0.62, 0.7, 0.82];

/** The lane's centre line. */
export const LANE_X = 1.45;

function makeCamera({ at, yaw, pitch, roll, focal }) {
  const forward = [
    Math.sin(yaw) * Math.cos(pitch),
    Math.cos(yaw) * Math.cos(pitch),
    Math.sin(pitch),
  ];
  const flatRight = norm(cross(forward, [0, 0, 1]));
  const flatUp = cross(flatRight, forward);
  const right = add(scale(flatRight, Math.cos(roll)), scale(flatUp, Math.sin(roll)));
  const up = cross(right, forward);
  return {
    at,
    forward,
    /** Direction (not of length 1; along `forward` it has length 1) through a sample. */
    ray(sx, sy) {
      const x = ((sx + 0.5) / SS - WIDTH / 2) / focal;
      const y = (HEIGHT / 2 - (sy + 0.5) / SS) / focal;
      return add(forward, add(scale(right, x), scale(up, y)));
    },
    /** Sample coordinates and depth (metres along `forward`) of a point. */
    project(p) {
      const d = sub(p, at);
      const depth = dot(d, forward);
      return [
        ((dot(d, right) / depth) * focal + WIDTH / 2) * SS,
        (HEIGHT / 2 - (dot(d, up) / depth) * focal) * SS,
        depth,
      ];
    },
  };
}

/** Sky with thin clouds, without the trees. */
export function sky(d) {
  const t = clamp(d[2] * 3.2);
  const base = mix3([0.82, 0.87, 0.93], [0.36, 0.55, 0.85], Math.pow(t, 0.7));
  const k = 1 / (Math.max(0, d[2]) + 0.22);
  const cloud = step(0.48, 0.78, fbm(d[0] * k * 2.2 + 3, d[1] * k * 1.1, 5));
  return mix3(base, [0.97, 0.97, 0.98], cloud * 0.75);
}

/** What a shiny surface mirrors: sky, a band of trees at the horizon, ground. */
export function mirrored(r) {
  const up = r[2];
  if (up < 0) return mix3([0.3, 0.31, 0.32], [0.1, 0.1, 0.105], clamp(-up * 2.5));
  const ridge = 0.1 + 0.06 * Math.sin(r[0] * 9) + 0.03 * Math.sin(r[0] * 23);
  const open = mix3([0.9, 0.94, 0.98], [0.3, 0.46, 0.75], clamp(up * 1.3));
  return mix3([0.12, 0.15, 0.12], open, step(ridge, ridge + 0.08, up));
}

/** Colour of a matt surface in the sun's light and the sky's. */
export function matt(albedo, n, sunShare, occlusion = 1) {
  const direct = Math.max(0, dot(n, SUN)) * sunShare;
  const around = (0.55 + 0.45 * n[2]) * occlusion;
  return [0, 1, 2].map((i) => albedo[i] * (SUN_COLOUR[i] * direct + AMBIENT[i] * around));
}

/** Distant things take the air's colour. */
export function haze(colour, distance) {
  return mix3(colour, [0.74, 0.8, 0.87], 1 - Math.exp(-distance / 420));
}

/** Linear light to an 8-bit channel, with a soft shoulder. */
export function toByte(v) {
  const x = Math.max(0, v * 0.6);
  const film = (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14);
  return 255 * Math.pow(clamp(film), 1 / 2.2);
}
