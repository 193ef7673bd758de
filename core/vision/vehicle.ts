import type { Box } from "../messages";
import { nameColour, VEHICLE_COLOURS, type VehicleColour } from "./colour-names";
import { clipBox } from "./geometry";
import type { Rgb } from "./raster";

/** Small: a motorcycle's width; large: a lorry's or bus's. */
export type SizeClass = "small" | "medium" | "large";

/** What can be told of a vehicle from a picture and the place of its plate. */
export interface VehicleLook {
  /** Where the vehicle is, reckoned from the plate's size: an estimate, not a detection. */
  box: Box;
  colour: VehicleColour | "unknown";
  /** 0..1: how much of the body around the plate shows that colour. */
  colourConfidence: number;
  sizeClass: SizeClass | "unknown";
  /** Width of the body in metres, where both of its sides were found. */
  widthMetres: number | null;
}

/** A car, in metres: its width and height, and how high the plate's centre is. */
const CAR = { width: 1.9, height: 1.5, plateUp: 0.5 } as const;
/** The body that is looked at for its colour: to the sides, above and below the plate's centre, in metres. */
const BODY = { aside: 0.65, up: 0.6, down: 0.1 } as const;
/** Where the body's sides are looked for. */
const SIDES = { aside: 1.6, up: 0.5, down: 0.05 } as const;
/** Body that is broken for longer than this, in metres, has ended. */
const GAP = 0.15;
/** A column is body where this share of it has the body's colour. */
const COLUMN_SHARE = 0.45;
/** A colour shown by less of the body than this is no colour of it. */
const LEAST_SHARE = 0.35;
/** Chromatic paint counts from this share on: glass, grille and shadow are grey on every car. */
const LEAST_PAINT = 0.35;
/** Sides this unlike in their distance from the plate, or a body narrower than this in metres, were not its sides. */
const MOST_SKEW = 1.35;
const LEAST_WIDTH = 0.6;
/** A body with less of one colour than this has no sides that could be followed. */
const CLEAR_SHARE = 0.45;
/** Where the surroundings show the colour that much too, it is the light's or the lens's. */
const CAST_SHARE = 0.5;
/** Surroundings darker than this (of 255) in the middle: night, no colour can be told. */
const NIGHT = 50;
/** Pixels of a side of the part that is looked at. */
const SAMPLES = 96;

/** Looks at the vehicle around a plate. Type (car, van …) cannot be told this way. */
export function lookAtVehicle(picture: Rgb, plate: Box): VehicleLook {
  const scale = pixelsPerMetre(plate);
  const [x, y, w, h] = plate;
  const centre = { x: x + w / 2, y: y + h / 2 };
  const box = clipBox(
    [
      centre.x - (CAR.width / 2) * scale,
      centre.y - (CAR.height - CAR.plateUp) * scale,
      CAR.width * scale,
      CAR.height * scale,
    ],
    picture.width,
    picture.height,
  );
  const body = colourAround(picture, plate, centre, scale);
  const { colour, share } = isDoubtful(picture, box, y, body.colour) ? NO_COLOUR : body;
  const clear = colour !== "unknown" && share >= CLEAR_SHARE;
  const widthMetres = clear ? bodyWidth(picture, plate, scale, colour) : null;
  return {
    box: roundBox(box),
    colour,
    colourConfidence: Math.round(share * 100) / 100,
    sizeClass: widthMetres === null ? "unknown" : sizeOf(widthMetres),
    widthMetres: widthMetres === null ? null : Math.round(widthMetres * 10) / 10,
  };
}

/** What is stored with an event of its vehicle, in the words of reference 2's `vehicle_info`. */
export function vehicleInfo(look: VehicleLook): Record<string, unknown> {
  const [x, y, width, height] = look.box.map(Math.round);
  return {
    type: "unknown",
    color: look.colour,
    confidence: look.colourConfidence,
    size_class: look.sizeClass,
    width_m: look.widthMetres,
    bbox: { x, y, width, height },
  };
}

/** By the plate's usual sizes; the less foreshortened of its sides counts. */
function pixelsPerMetre([, , w, h]: Box): number {
  const aspect = w / Math.max(h, 1);
  if (aspect >= 2.8) return Math.max(w / 0.52, h / 0.11);
  return Math.max(w / 0.305, h / 0.155);
}

interface Colouring {
  colour: VehicleColour | "unknown";
  share: number;
}

const NO_COLOUR: Colouring = { colour: "unknown", share: 0 };

/**
 * Whether the surroundings say that a colour cannot be told: night, or a cast over
 * everything. Only what is below the plate's top counts: the sky may be blue.
 */
function isDoubtful(
  picture: Rgb,
  vehicle: Box,
  top: number,
  colour: VehicleColour | "unknown",
): boolean {
  const { width, height, data } = picture;
  const brightness: number[] = [];
  let same = 0;
  forEachSample(clipBox([0, top, width, height - top], width, height), (px, py) => {
    if (inside(px, py, vehicle, 0)) return;
    const at = (Math.floor(py) * width + Math.floor(px)) * 3;
    brightness.push(Math.max(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0));
    if (colourAt(picture, px, py) === colour) same += 1;
  });
  // A vehicle that fills the picture leaves nothing to compare with.
  if (brightness.length < (SAMPLES * SAMPLES) / 10) return false;
  const middle = brightness.sort((a, b) => a - b)[brightness.length >> 1] ?? 0;
  const paint = VEHICLE_COLOURS.some(({ name, chromatic }) => chromatic && name === colour);
  return middle < NIGHT || (paint && same / brightness.length > CAST_SHARE);
}

function colourAround(
  picture: Rgb,
  plate: Box,
  centre: { x: number; y: number },
  scale: number,
): Colouring {
  const area = clipBox(
    [
      centre.x - BODY.aside * scale,
      centre.y - BODY.up * scale,
      2 * BODY.aside * scale,
      (BODY.up + BODY.down) * scale,
    ],
    picture.width,
    picture.height,
  );
  const counts = new Map<VehicleColour, number>();
  let total = 0;
  forEachSample(area, (px, py) => {
    if (inside(px, py, plate, 0.15)) return;
    const name = colourAt(picture, px, py);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    total += 1;
  });
  return total === 0 ? NO_COLOUR : chosen(counts, total);
}

function chosen(counts: ReadonlyMap<VehicleColour, number>, total: number): Colouring {
  const best = (paint: boolean): Colouring | undefined =>
    VEHICLE_COLOURS.filter(({ chromatic }) => chromatic === paint)
      .map(({ name }) => ({ colour: name, share: (counts.get(name) ?? 0) / total }))
      .sort((a, b) => b.share - a.share)[0];
  const paint = best(true);
  if (paint && paint.share >= LEAST_PAINT) return paint;
  const plain = best(false);
  if (plain && plain.share >= LEAST_SHARE) return plain;
  return NO_COLOUR;
}

/** Metres between the body's sides at the height of the plate; null where one is not in the picture. */
function bodyWidth(picture: Rgb, plate: Box, scale: number, colour: VehicleColour): number | null {
  const [x, y, w, h] = plate;
  const centre = { x: x + w / 2, y: y + h / 2 };
  const step = Math.max(1, (2 * SIDES.aside * scale) / SAMPLES);
  const isBody = (px: number): boolean => {
    let same = 0;
    let seen = 0;
    for (let i = 0; i < 12; i++) {
      const py = centre.y + (-SIDES.up + ((SIDES.up + SIDES.down) * i) / 11) * scale;
      if (py < 0 || py >= picture.height || inside(px, py, plate, 0.15)) continue;
      seen += 1;
      if (colourAt(picture, px, py) === colour) same += 1;
    }
    return seen > 0 && same / seen >= COLUMN_SHARE;
  };
  const end = (direction: 1 | -1): number | null => {
    let last = centre.x + (direction * w) / 2;
    for (let px = last; Math.abs(px - last) <= GAP * scale; px += direction * step) {
      if (px < 0 || px >= picture.width) return null;
      if (Math.abs(px - centre.x) > SIDES.aside * scale) return null;
      if (isBody(px)) last = px;
    }
    return last;
  };
  const [left, right] = [end(-1), end(1)];
  if (left === null || right === null) return null;
  const [a, b] = [centre.x - left, right - centre.x];
  const metres = (a + b) / scale;
  return Math.max(a, b) <= MOST_SKEW * Math.min(a, b) && metres >= LEAST_WIDTH ? metres : null;
}

function sizeOf(metres: number): SizeClass {
  if (metres < 1) return "small";
  return metres <= 2.1 ? "medium" : "large";
}

function colourAt({ data, width }: Rgb, x: number, y: number): VehicleColour {
  const at = (Math.floor(y) * width + Math.floor(x)) * 3;
  return nameColour(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
}

function forEachSample([x, y, w, h]: Box, visit: (x: number, y: number) => void): void {
  if (w < 1 || h < 1) return;
  for (let j = 0; j < SAMPLES; j++) {
    for (let i = 0; i < SAMPLES; i++) {
      visit(x + ((i + 0.5) * w) / SAMPLES, y + ((j + 0.5) * h) / SAMPLES);
    }
  }
}

/** Whether a point is on the plate, a margin (share of its size) around it included. */
function inside(px: number, py: number, [x, y, w, h]: Box, margin: number): boolean {
  const [mx, my] = [w * margin, h * margin * 2];
  return px >= x - mx && px <= x + w + mx && py >= y - my && py <= y + h + my;
}

function roundBox([x, y, w, h]: Box): Box {
  return [Math.round(x), Math.round(y), Math.round(w), Math.round(h)];
}
