import type { Box, Point } from "../messages";
import { boxOf, clipBox } from "./geometry";

/** Polygons as configured. */
export interface Zones {
  polygons: Point[][];
  /** The coordinates are fractions of the picture's width and height. */
  relative: boolean;
}

/**
 * Reads polygons from JSON: `[[[x,y],[x,y],[x,y]…]…]` or one polygon alone.
 * Coordinates that are all at most 1 are fractions of the picture, else pixels.
 * @throws Error that says what is wrong
 */
export function parseZones(text: string | undefined): Zones {
  if (!text || text.trim() === "") return { polygons: [], relative: false };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("the zones are not JSON");
  }
  const polygons = Array.isArray(value) && isPolygon(value) ? [value] : value;
  if (!Array.isArray(polygons) || !polygons.every(isPolygon)) {
    throw new Error("zones are polygons of at least three points: [[[x,y],[x,y],[x,y]]]");
  }
  return { polygons, relative: polygons.flat(2).every((v) => v <= 1) };
}

/** The zones in pixels of a picture. */
export function zonesIn({ polygons, relative }: Zones, width: number, height: number): Point[][] {
  if (!relative) return polygons;
  return polygons.map((polygon) => polygon.map(([x, y]): Point => [x * width, y * height]));
}

/** Room around the zones for plates whose centre lies at their edge, as a fraction of their extent. */
const ROOM = 0.1;

/** The part of a picture that has to be looked at for plates in these zones (pixels). */
export function regionOfZones(zones: Point[][], width: number, height: number): Box {
  if (zones.length === 0) return [0, 0, width, height];
  const [x, y, w, h] = boxOf(zones.flat());
  return clipBox(
    [x - w * ROOM, y - h * ROOM, w * (1 + 2 * ROOM), h * (1 + 2 * ROOM)],
    width,
    height,
  );
}

function isPolygon(value: unknown): value is Point[] {
  return Array.isArray(value) && value.length >= 3 && value.every(isPoint);
}

function isPoint(value: unknown): value is Point {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((v) => typeof v === "number" && Number.isFinite(v) && v >= 0)
  );
}
