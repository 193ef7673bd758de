// Renders gate.mp4, the film of the demo gate: `node examples/footage/render.mjs [--still SECONDS out.png] [--out FILE]`.
// Everything in it is drawn here; no photograph, no other's model. Takes some minutes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { traceBackground } from "./background.mjs";
import { buildCar } from "./car.mjs";
import { clamp, hash } from "./maths.mjs";
import { shade } from "./paint.mjs";
import { drawPlate } from "./plate.mjs";
import { HEIGHT, LANE_X, SS, SUN, WIDTH, camera, toByte } from "./world.mjs";

const FPS = 12;
const SECONDS = 29;
const W = WIDTH * SS;
const H = HEIGHT * SS;
/** Metres a cell of the shadow's grid. */
const CELL = 0.05;
const GRID = { w: 140, h: 190, x: -3.5, y: -2.5 };

/** The way in: along the street from the right, a turn, down the lane to the gate. */
const TURN = 4.5;
const STREET_Y = 32.5;
const STREET_FROM = 17;
const RUN = STREET_FROM - LANE_X - TURN;
const ARC = (TURN * Math.PI) / 2;

/** Where a car's centre is after `s` metres, and its turn against straight-down-the-lane. */
function way(s) {
  if (s < RUN) return { x: STREET_FROM - s, y: STREET_Y, turn: -Math.PI / 2 };
  if (s < RUN + ARC) {
    const a = (s - RUN) / TURN;
    return {
      x: LANE_X + TURN - TURN * Math.sin(a),
      y: STREET_Y - TURN + TURN * Math.cos(a),
      turn: a - Math.PI / 2,
    };
  }
  return { x: LANE_X, y: STREET_Y - TURN - (s - RUN - ARC), turn: 0 };
}

/** Metres of way from the start to where the nose is `front` metres before the camera. */
const wayTo = (front, length) => RUN + ARC + (STREET_Y - TURN - front - length / 2);

/** Times in seconds. `leave` says what the car does when it may not wait any longer. */
const CAST = [
  {
    car: "hatch",
    style: "uk",
    text: "KX48 PLG",
    from: 0.6,
    stop: 7.8,
    go: 9.2,
    leave: "through",
    end: 11.4,
    gap: 4.9,
  },
  {
    car: "suv",
    style: "de",
    text: "B GT 7305",
    from: 13.2,
    stop: 20.4,
    go: 23,
    leave: "back",
    end: 28.6,
    gap: 5.0,
  },
];

function placeAt(role, t) {
  if (t < role.from || t > role.end) return null;
  const total = wayTo(role.gap, role.length);
  if (t < role.stop) {
    const u = (t - role.from) / (role.stop - role.from);
    return way(total * (1 - Math.pow(1 - u, 1.75)));
  }
  if (t < role.go) return way(total);
  const u = (t - role.go) / (role.end - role.go);
  if (role.leave === "back") return way(total * (1 - u * u * (3 - 2 * u)));
  const on = way(total + 11 * Math.pow(u, 1.7));
  return { ...on, x: on.x + 0.55 * u * u };
}

/** Shadow of the sun and darkness below a car, in its own axes; 0 = dark. */
function shadowGrid(car) {
  const sun = new Float32Array(GRID.w * GRID.h);
  const below = new Float32Array(GRID.w * GRID.h);
  for (const [a, b, c] of car.mesh.triangles) {
    const points = [a, b, c].map((i) => {
      const p = car.mesh.positions[i];
      const k = p[2] / SUN[2];
      return [(p[0] - SUN[0] * k - GRID.x) / CELL, (p[1] - SUN[1] * k - GRID.y) / CELL];
    });
    fill(points, (x, y) => (sun[y * GRID.w + x] = 1));
  }
  for (let y = 0; y < GRID.h; y++) {
    for (let x = 0; x < GRID.w; x++) {
      const px = GRID.x + x * CELL;
      const py = GRID.y + y * CELL;
      if (Math.abs(px) < car.half - 0.08 && py > 0.1 && py < car.length - 0.1)
        below[y * GRID.w + x] = 1;
    }
  }
  const soft = blur(blur(sun, 1), 1);
  const deep = blur(blur(blur(below, 3), 3), 2);
  return soft.map((v, i) => (1 - 0.66 * v) * (1 - 0.72 * deep[i]));
}

function fill([a, b, c], set) {
  const area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  if (Math.abs(area) < 1e-9) return;
  const x0 = Math.max(0, Math.floor(Math.min(a[0], b[0], c[0])));
  const x1 = Math.min(GRID.w - 1, Math.ceil(Math.max(a[0], b[0], c[0])));
  const y0 = Math.max(0, Math.floor(Math.min(a[1], b[1], c[1])));
  const y1 = Math.min(GRID.h - 1, Math.ceil(Math.max(a[1], b[1], c[1])));
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const u = ((b[0] - x) * (c[1] - y) - (b[1] - y) * (c[0] - x)) / area;
      const v = ((c[0] - x) * (a[1] - y) - (c[1] - y) * (a[0] - x)) / area;
      if (u >= -0.01 && v >= -0.01 && u + v <= 1.01) set(x, y);
    }
  }
}

function blur(grid, r) {
  const out = new Float32Array(grid.length);
  for (let y = 0; y < GRID.h; y++) {
    for (let x = 0; x < GRID.w; x++) {
      let sum = 0;
      for (let j = -r; j <= r; j++) {
        for (let i = -r; i <= r; i++) {
          const px = clamp(x + i, 0, GRID.w - 1);
          const py = clamp(y + j, 0, GRID.h - 1);
          sum += grid[py * GRID.w + px];
        }
      }
      out[y * GRID.w + x] = sum / (2 * r + 1) ** 2;
    }
  }
  return out;
}

/** Buffers that one frame is drawn in. */
const target = {
  depth: new Float32Array(W * H),
  part: new Uint8Array(W * H),
  point: new Float32Array(W * H * 3),
  normal: new Float32Array(W * H * 3),
};

/** Draws the mesh's depth, parts, points and normals (car's axes); returns the touched box. */
function rasterise(car, place, still) {
  const cos = Math.cos(place.turn);
  const sin = Math.sin(place.turn);
  const world = ([x, y, z]) => {
    const dy = y - car.length / 2;
    return [place.x + x * cos - dy * sin, place.y + x * sin + dy * cos, z];
  };
  const seen = car.mesh.positions.map((p) => camera.project(world(p)));
  const box = { x0: W, y0: H, x1: 0, y1: 0 };
  for (const [a, b, c] of car.mesh.triangles) {
    if (seen[a][2] < 0.25 || seen[b][2] < 0.25 || seen[c][2] < 0.25) continue;
    triangle(car.mesh, [a, b, c], seen, still.depth, box);
  }
  return { box, cos, sin, world };
}

function triangle(mesh, ids, seen, stillDepth, box) {
  const [a, b, c] = ids.map((i) => seen[i]);
  const x0 = Math.max(0, Math.floor(Math.min(a[0], b[0], c[0])));
  const x1 = Math.min(W - 1, Math.ceil(Math.max(a[0], b[0], c[0])));
  const y0 = Math.max(0, Math.floor(Math.min(a[1], b[1], c[1])));
  const y1 = Math.min(H - 1, Math.ceil(Math.max(a[1], b[1], c[1])));
  const area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  if (x1 < x0 || y1 < y0 || Math.abs(area) < 1e-9) return;
  const inv = ids.map((i) => 1 / seen[i][2]);
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const u = ((b[0] - x) * (c[1] - y) - (b[1] - y) * (c[0] - x)) / area;
      const v = ((c[0] - x) * (a[1] - y) - (c[1] - y) * (a[0] - x)) / area;
      const w = 1 - u - v;
      if (u < -1e-4 || v < -1e-4 || w < -1e-4) continue;
      const z = 1 / (u * inv[0] + v * inv[1] + w * inv[2]);
      const i = y * W + x;
      if (z >= target.depth[i] || z >= stillDepth[i]) continue;
      target.depth[i] = z;
      target.part[i] = mesh.parts[ids[0]];
      const k = [u * inv[0] * z, v * inv[1] * z, w * inv[2] * z];
      for (let j = 0; j < 3; j++) {
        target.point[i * 3 + j] =
          k[0] * mesh.positions[ids[0]][j] +
          k[1] * mesh.positions[ids[1]][j] +
          k[2] * mesh.positions[ids[2]][j];
        target.normal[i * 3 + j] =
          k[0] * mesh.normals[ids[0]][j] +
          k[1] * mesh.normals[ids[1]][j] +
          k[2] * mesh.normals[ids[2]][j];
      }
      if (x < box.x0) box.x0 = x;
      if (x > box.x1) box.x1 = x;
      if (y < box.y0) box.y0 = y;
      if (y > box.y1) box.y1 = y;
    }
  }
}

/** Colours what {@link rasterise} drew, and the shadow on the ground round it, into `colour`. */
function colourCar(car, place, still, colour, { box, cos, sin, world }) {
  const pad = Math.round((box.x1 - box.x0) * 1.1) + 20;
  const area = {
    x0: Math.max(0, box.x0 - pad) & ~1,
    x1: Math.min(W - 1, box.x1 + pad) | 1,
    y0: Math.max(0, box.y0 - 40) & ~1,
    y1: Math.min(H - 1, box.y1 + pad) | 1,
  };
  const left = camera.project(world([-0.26, -0.026, car.plateHeight]));
  const right = camera.project(world([0.26, -0.026, car.plateHeight]));
  const width = Math.hypot(left[0] - right[0], left[1] - right[1]);
  for (let y = area.y0; y <= area.y1; y++) {
    for (let x = area.x0; x <= area.x1; x++) {
      const i = y * W + x;
      if (target.part[i]) {
        const p = [...target.point.subarray(i * 3, i * 3 + 3)];
        const m = target.normal.subarray(i * 3, i * 3 + 3);
        const l = Math.hypot(m[0], m[1], m[2]) || 1;
        const n = [m[0] / l, m[1] / l, m[2] / l];
        const turned = [n[0] * cos - n[1] * sin, n[0] * sin + n[1] * cos, n[2]];
        const seen = shade(car, target.part[i], { p, n }, { p: world(p), n: turned }, width);
        colour.set(seen, i * 3);
      } else if (still.groundX[i] === still.groundX[i]) {
        const dx = still.groundX[i] - place.x;
        const dy = still.groundY[i] - place.y;
        const k = shadowAt(car, dx * cos + dy * sin, dy * cos - dx * sin + car.length / 2);
        if (k < 1) for (let j = 0; j < 3; j++) colour[i * 3 + j] = still.colour[i * 3 + j] * k;
      }
    }
  }
  return area;
}

function shadowAt(car, x, y) {
  const gx = (x - GRID.x) / CELL;
  const gy = (y - GRID.y) / CELL;
  const x0 = Math.floor(gx);
  const y0 = Math.floor(gy);
  if (x0 < 0 || y0 < 0 || x0 >= GRID.w - 1 || y0 >= GRID.h - 1) return 1;
  const at = (i, j) => car.shadow[(y0 + j) * GRID.w + x0 + i];
  const u = gx - x0;
  const v = gy - y0;
  return (at(0, 0) * (1 - u) + at(1, 0) * u) * (1 - v) + (at(0, 1) * (1 - u) + at(1, 1) * u) * v;
}

/** Averages samples to pixels, in bytes without noise. */
function develop(colour, out, { x0, y0, x1, y1 }) {
  for (let py = y0 >> 1; py <= y1 >> 1; py++) {
    for (let px = x0 >> 1; px <= x1 >> 1; px++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let j = 0; j < SS; j++) {
          for (let i = 0; i < SS; i++)
            sum += toByte(colour[((py * SS + j) * W + px * SS + i) * 3 + c]);
        }
        out[(py * WIDTH + px) * 3 + c] = sum / SS ** 2;
      }
    }
  }
}

/** Exposure, vignette, glow of the lamps, and the sensor's noise. */
function finish(picture, number, glows) {
  const bytes = Buffer.alloc(WIDTH * HEIGHT * 3);
  const flicker = 1 + 0.006 * Math.sin(number * 0.7);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const i = y * WIDTH + x;
      const r2 = ((x - WIDTH / 2) ** 2 + (y - HEIGHT / 2) ** 2) / (WIDTH / 2) ** 2;
      const light = flicker * (1 - 0.13 * r2);
      const n = (hash(i, number) + hash(i, number + 7919) - 1) * 4.2;
      let glow = 0;
      for (const g of glows)
        glow += g.power * Math.exp(-((x - g.x) ** 2 + (y - g.y) ** 2) / g.r ** 2);
      for (let c = 0; c < 3; c++)
        bytes[i * 3 + c] = clamp(picture[i * 3 + c] * light + n + glow, 0, 255);
    }
  }
  return bytes;
}

function lampGlows(car, world, place) {
  if (Math.abs(place.turn) > 0.6) return [];
  const z = car.front === "hatch" ? 0.65 : 0.82;
  return [-0.6, 0.6].map((x) => {
    const [sx, sy, d] = camera.project(world([x, 0, z]));
    return { x: sx / SS, y: sy / SS, r: 260 / d + 6, power: d < 0.5 ? 0 : 26 };
  });
}

async function cast() {
  const roles = [];
  for (const role of CAST) {
    const car = buildCar(role.car);
    car.plate = await drawPlate(role.style, role.text);
    car.shadow = shadowGrid(car);
    roles.push({ ...car, ...role });
  }
  return roles;
}

function drawFrame(number, roles, still, clean) {
  const colour = Float32Array.from(still.colour);
  const picture = Float32Array.from(clean);
  const glows = [];
  for (const role of roles) {
    const place = placeAt(role, number / FPS);
    if (!place) continue;
    target.depth.fill(Infinity);
    target.part.fill(0);
    const drawn = rasterise(role, place, still);
    if (drawn.box.x1 < drawn.box.x0) continue;
    const area = colourCar(role, place, still, colour, drawn);
    develop(colour, picture, area);
    glows.push(...lampGlows(role, drawn.world, place));
  }
  return finish(picture, number, glows);
}

const option = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? null : process.argv.slice(at + 1);
};

async function main() {
  const still = traceBackground();
  const clean = new Float32Array(WIDTH * HEIGHT * 3);
  develop(still.colour, clean, { x0: 0, y0: 0, x1: W - 1, y1: H - 1 });
  const roles = await cast();
  const one = option("--still");
  if (one) {
    for (let i = 0; i + 1 < one.length; i += 2) {
      const bytes = drawFrame(Math.round(Number(one[i]) * FPS), roles, still, clean);
      await sharp(bytes, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
        .png()
        .toFile(one[i + 1]);
    }
    return;
  }
  const out = option("--out")?.[0] ?? join(dirname(fileURLToPath(import.meta.url)), "gate.mp4");
  const coder = spawn(
    process.env.PLATEGATE_FFMPEG || "ffmpeg",
    `-v error -y -f rawvideo -pix_fmt rgb24 -s ${WIDTH}x${HEIGHT} -r ${FPS} -i - -pix_fmt yuv420p -c:v libx264 -preset slow -crf 26 -g ${FPS * 2} -movflags +faststart`
      .split(" ")
      .concat(out),
    { stdio: ["pipe", "inherit", "inherit"] },
  );
  for (let number = 0; number < SECONDS * FPS; number++) {
    if (!coder.stdin.write(drawFrame(number, roles, still, clean)))
      await once(coder.stdin, "drain");
  }
  coder.stdin.end();
  const [code] = await once(coder, "exit");
  process.exitCode = code ?? 1;
}

await main();
