// Cars as meshes: rings of points lofted into skins. Local axes: x to the right as the
// camera sees it, y from the nose (0) to the tail, z up; metres.
import { cross, curve, norm, sub } from "./maths.mjs";

export const PART = { body: 1, cabin: 2, tyre: 3, mirror: 4, plate: 5, holder: 6, wiper: 7 };

const power = (v, e) => Math.sign(v) * Math.pow(Math.abs(v), e);

/** The two cars of the film. */
export const CARS = {
  hatch: {
    length: 4.1,
    half: 0.88,
    floor: 0.2,
    nose: { reach: 0.34, roundness: 3 },
    top: curve([
      [0, 0.72],
      [0.45, 0.8],
      [1.15, 0.94],
      [2, 0.96],
      [3.4, 0.99],
      [4.1, 0.95],
    ]),
    cabin: {
      base: 0.88,
      shoulder: 1.38,
      roof: 0.1,
      front: [0.98, 1.78],
      rear: [3.98, 3.5],
      half: [0.82, 0.6],
    },
    wheel: 0.31,
    axles: [0.78, 3.3],
    plateHeight: 0.46,
    paint: [0.035, 0.1, 0.26],
    front: "hatch",
  },
  suv: {
    length: 4.5,
    half: 0.94,
    floor: 0.27,
    nose: { reach: 0.3, roundness: 3.6 },
    top: curve([
      [0, 0.96],
      [0.4, 1.02],
      [1.2, 1.1],
      [2, 1.12],
      [3.8, 1.14],
      [4.5, 1.1],
    ]),
    cabin: {
      base: 1.04,
      shoulder: 1.62,
      roof: 0.09,
      front: [1.1, 1.75],
      rear: [4.42, 4.1],
      half: [0.87, 0.68],
    },
    wheel: 0.36,
    axles: [0.86, 3.6],
    plateHeight: 0.56,
    paint: [0.3, 0.022, 0.025],
    front: "suv",
  },
};

class Mesh {
  positions = [];
  normals = [];
  parts = [];
  triangles = [];

  /** A skin over rings of equal length; `closed` joins a ring's ends. */
  loft(rings, part, closed = true) {
    const first = this.parts.length;
    const n = rings[0].length;
    rings.forEach((ring, r) => {
      ring.forEach((p, k) => {
        const across = sub(
          ring[closed ? (k + 1) % n : Math.min(n - 1, k + 1)],
          ring[closed ? (k + n - 1) % n : Math.max(0, k - 1)],
        );
        const along = sub(
          rings[Math.min(rings.length - 1, r + 1)][k],
          rings[Math.max(0, r - 1)][k],
        );
        this.positions.push(p);
        const c = cross(across, along);
        this.normals.push(Math.hypot(...c) < 1e-12 ? [0, -1, 0] : norm(c));
        this.parts.push(part);
      });
    });
    for (let r = 0; r < rings.length - 1; r++) {
      for (let k = 0; k < (closed ? n : n - 1); k++) {
        const a = first + r * n + k;
        const b = first + r * n + ((k + 1) % n);
        this.triangles.push([a, b, a + n], [b, b + n, a + n]);
      }
    }
  }
}

/** Makes normals point outwards of `centre(y)`. */
function outward(mesh, from, centre) {
  for (let i = from; i < mesh.parts.length; i++) {
    const p = mesh.positions[i];
    const c = centre(p);
    const n = mesh.normals[i];
    if ((p[0] - c[0]) * n[0] + (p[1] - c[1]) * n[1] + (p[2] - c[2]) * n[2] < 0) {
      mesh.normals[i] = n.map((v) => -v);
    }
  }
}

function body(mesh, car) {
  const from = mesh.parts.length;
  const { reach, roundness } = car.nose;
  const ys = [];
  for (let i = 0; i <= 26; i++) ys.push(reach * Math.pow(i / 26, 2.6));
  for (let y = reach + 0.06; y < car.length - 0.4; y += 0.08) ys.push(y);
  for (let i = 16; i >= 0; i--) ys.push(car.length - 0.4 * Math.pow(i / 16, 2));
  const rings = ys.map((y) => {
    const nose = y < reach ? Math.pow(1 - Math.pow(1 - y / reach, roundness), 1 / roundness) : 1;
    const left = car.length - y;
    const tail = left < 0.4 ? Math.pow(1 - Math.pow(1 - left / 0.4, 3), 1 / 3) : 1;
    const s = Math.max(0.001, Math.min(nose, tail));
    const half = car.half * (1 - 0.07 * Math.max(0, 1 - y / 1.1) ** 2);
    const top = car.top(y);
    const mid = (top + car.floor) / 2;
    return Array.from({ length: 88 }, (_, k) => {
      const a = (k / 88) * Math.PI * 2;
      const z = mid + s * (top - mid) * power(Math.sin(a), 2 / 4.2);
      const tuck =
        z > mid
          ? 1 - 0.05 * ((z - mid) / (top - mid)) ** 2
          : 1 - 0.05 * ((mid - z) / (mid - car.floor)) ** 2;
      return [s * half * tuck * power(Math.cos(a), 2 / 4.6), y, z];
    });
  });
  mesh.loft(rings, PART.body);
  outward(mesh, from, (p) => [
    0,
    Math.min(car.length - 0.5, Math.max(0.5, p[1])),
    (car.top(p[1]) + car.floor) / 2,
  ]);
}

function cabin(mesh, car) {
  const from = mesh.parts.length;
  const { base, shoulder, roof, front, rear, half } = car.cabin;
  const rings = [];
  const ring = (t, z, s) => {
    const yf = front[0] + (front[1] - front[0]) * t;
    const yr = rear[0] + (rear[1] - rear[0]) * t;
    const w = half[0] + (half[1] - half[0]) * t;
    const mid = (yf + yr) / 2;
    rings.push(
      Array.from({ length: 104 }, (_, k) => {
        const a = (k / 104) * Math.PI * 2;
        const x = s * w * power(Math.cos(a), 2 / 5);
        const bow = 0.12 * (x / w) ** 2;
        const sy = power(Math.sin(a), 2 / 7);
        return [x, mid + s * (yr - mid) * sy + (sy < 0 ? bow : 0), z];
      }),
    );
  };
  for (let i = 0; i <= 24; i++) ring(i / 24, base + ((shoulder - base) * i) / 24, 1);
  for (let i = 1; i <= 14; i++) {
    const q = Math.sin((i / 14) * (Math.PI / 2));
    ring(1 + 0.16 * q, shoulder + roof * q, Math.max(0.01, Math.pow(1 - Math.pow(q, 5), 1 / 2.4)));
  }
  mesh.loft(rings, PART.cabin);
  outward(mesh, from, () => [0, (front[1] + rear[1]) / 2, base]);
}

function wheel(mesh, car, x, y) {
  const from = mesh.parts.length;
  const r = car.wheel;
  const side = Math.sign(x);
  const profile = [
    [0.001, 0.02],
    [r * 0.62, 0.01],
    [r * 0.66, 0.03],
    [r * 0.94, 0.035],
    [r, 0],
    [r, -0.2],
  ];
  const rings = profile.map(([radius, out]) =>
    Array.from({ length: 40 }, (_, k) => {
      const a = (k / 40) * Math.PI * 2;
      return [x + side * out, y + radius * Math.cos(a), r + radius * Math.sin(a)];
    }),
  );
  mesh.loft(rings, PART.tyre);
  outward(mesh, from, () => [x - side * 0.15, y, r]);
}

function blob(mesh, at, size, part) {
  const from = mesh.parts.length;
  const rings = Array.from({ length: 13 }, (_, i) => {
    const b = (i / 12) * Math.PI - Math.PI / 2;
    return Array.from({ length: 22 }, (_, k) => {
      const a = (k / 22) * Math.PI * 2;
      return [
        at[0] + size[0] * Math.max(0.001, power(Math.cos(b), 0.7)) * power(Math.cos(a), 0.7),
        at[1] + size[1] * Math.max(0.001, power(Math.cos(b), 0.7)) * power(Math.sin(a), 0.7),
        at[2] + size[2] * power(Math.sin(b), 0.7),
      ];
    });
  });
  mesh.loft(rings, part);
  outward(mesh, from, () => at);
}

/** A flat board facing the camera side (-y); its corners carry x, z of the board. */
function board(mesh, car, { half, height, y, part }) {
  const z = car.plateHeight;
  const rings = [z - height, z + height].map((zz) =>
    [-half, half].map((x) => [x, y - (zz - z) * 0.06, zz]),
  );
  const from = mesh.parts.length;
  mesh.loft(rings, part, false);
  for (let i = from; i < mesh.parts.length; i++) mesh.normals[i] = norm([0, -1, 0.06]);
}

/** Builds a car's mesh. */
export function buildCar(name) {
  const car = CARS[name];
  const mesh = new Mesh();
  body(mesh, car);
  cabin(mesh, car);
  for (const y of car.axles) for (const s of [-1, 1]) wheel(mesh, car, s * (car.half - 0.035), y);
  const mirrorAt = [car.half + 0.06, car.cabin.front[0] + 0.42, car.cabin.base + 0.09];
  for (const s of [-1, 1])
    blob(mesh, [s * mirrorAt[0], mirrorAt[1], mirrorAt[2]], [0.105, 0.07, 0.075], PART.mirror);
  board(mesh, car, { half: 0.282, height: 0.071, y: -0.018, part: PART.holder });
  board(mesh, car, { half: 0.26, height: 0.0555, y: -0.026, part: PART.plate });
  return { ...car, mesh };
}
