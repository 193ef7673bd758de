import type { Box, Point } from "../messages";
import { insidePolygon } from "../vision/geometry";
import type { LaneZone } from "../vision/tracking/settings";
import type { CameraFields, Resource } from "./types";

/** A zone of the configuration API as the tracker takes it. */
export interface CameraZone extends LaneZone {
  id: string;
}

interface Size {
  width: number;
  height: number;
}

/**
 * The zones of a camera as fractions of its picture. Points that are all at most 1 are
 * fractions already; others are pixels of the camera's stated resolution, or of the frame.
 */
export function cameraZones(
  zones: readonly Resource<"zones">[],
  camera: Pick<CameraFields, "resolution"> | undefined,
  frame: Size,
): CameraZone[] {
  const size = camera?.resolution ?? frame;
  return zones.map(({ id, fields }) => {
    const { points } = fields.geometry;
    const relative = points.every(({ x, y }) => x <= 1 && y <= 1);
    const scale = relative ? { width: 1, height: 1 } : size;
    const polygon = points.map(({ x, y }): Point => [
      Math.min(1, x / scale.width),
      Math.min(1, y / scale.height),
    ]);
    return { id, laneId: fields.lane_id, polygon };
  });
}

/** The first zone that a box's centre is in; null where it is in none. */
export function zoneOf(
  zones: readonly CameraZone[],
  [x, y, w, h]: Box,
  frame: Size,
): string | null {
  const centre: Point = [(x + w / 2) / frame.width, (y + h / 2) / frame.height];
  return zones.find(({ polygon }) => insidePolygon(centre, polygon))?.id ?? null;
}
