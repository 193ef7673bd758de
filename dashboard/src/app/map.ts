/** What the map's pages work with: places in the units of what lies beneath. */

export interface PlanSpot {
  x: number;
  y: number;
  bearing: number | null;
}
export interface Plan {
  id: string;
  name: string;
  width: number;
  height: number;
  picture_url: string | null;
  cameras: Record<string, PlanSpot>;
}
export interface MapCamera {
  id: string;
  name: string;
  lane_id: string | null;
  location_id: string | null;
  latitude: number | null;
  longitude: number | null;
  bearing: number | null;
}
export interface MapLocation {
  id: string;
  name: string;
  latitude: number | null;
  longitude: number | null;
  camera_ids: string[];
}
export interface Tiles {
  url: string;
  attribution: string;
  max_zoom: number;
}
export interface MapData {
  tiles: Tiles | null;
  plans: Plan[];
  cameras: MapCamera[];
  locations: MapLocation[];
}

/** On a plan: shares of its sides, from the left and the top. On the earth: latitude, longitude. */
export type Position = [number, number];

/** What lies beneath: a plan, or the earth. */
export type Base = { kind: "plan"; plan: Plan } | { kind: "earth"; tiles: Tiles | null };

export interface Marker {
  id: string;
  label: string;
  at: Position;
  kind: "camera" | "location";
  bearing?: number | null;
  /** Not placed by anybody: shown somewhere, so that it can be shown at all. */
  loose?: boolean;
  movable?: boolean;
  /** Lifted out of the others. */
  chosen?: boolean;
}

export interface Line {
  id: string;
  from: Position;
  to: Position;
  /** Width in pixels. */
  width: number;
  label: string;
  chosen?: boolean;
  bad?: boolean;
}

/** A sheet for cameras where no plan was drawn yet. */
export const SKETCH: Plan = {
  id: "",
  name: "",
  width: 1600,
  height: 900,
  picture_url: null,
  cameras: {},
};

/** Cameras that nobody has put on a plan stand on an ellipse in its middle. */
function loosePosition(index: number, count: number): Position {
  if (count === 1) return [0.5, 0.5];
  const angle = (2 * Math.PI * index) / count - Math.PI / 2;
  return [0.5 + 0.36 * Math.cos(angle), 0.5 + 0.36 * Math.sin(angle)];
}

/** Markers of the cameras on what lies beneath; on the earth only of those that have a place. */
export function cameraMarkers(data: MapData, base: Base): Marker[] {
  if (base.kind === "earth") {
    return data.cameras.flatMap(({ id, name, latitude, longitude, bearing }) =>
      latitude === null || longitude === null
        ? []
        : [{ id, label: name, at: [latitude, longitude] as Position, kind: "camera", bearing }],
    );
  }
  const loose = data.cameras.filter(({ id }) => !base.plan.cameras[id]);
  return data.cameras.map(({ id, name }) => {
    const spot = base.plan.cameras[id];
    if (spot) {
      return { id, label: name, at: [spot.x, spot.y], kind: "camera", bearing: spot.bearing };
    }
    const at = loosePosition(
      loose.findIndex((one) => one.id === id),
      loose.length,
    );
    return { id, label: name, at, kind: "camera", loose: true };
  });
}

/** Markers of the locations, which stand on the earth alone. */
export function locationMarkers(data: MapData): Marker[] {
  return data.locations.flatMap(({ id, name, latitude, longitude }) =>
    latitude === null || longitude === null
      ? []
      : [{ id: `location:${id}`, label: name, at: [latitude, longitude], kind: "location" }],
  );
}

/** Where a place of a flow stands: a camera's marker, or the middle of a location's cameras. */
export function placePosition(place: string, data: MapData, markers: Marker[]): Position | null {
  const [kind = "", id = ""] = [
    place.slice(0, place.indexOf(":")),
    place.slice(place.indexOf(":") + 1),
  ];
  if (kind === "camera") return markers.find((one) => one.id === id)?.at ?? null;
  const own = markers.find((one) => one.id === place);
  if (own) return own.at;
  const location = data.locations.find((one) => one.id === id);
  const around = markers.filter((one) => location?.camera_ids.includes(one.id));
  if (around.length === 0) return null;
  const mean = (axis: 0 | 1) => around.reduce((sum, { at }) => sum + at[axis], 0) / around.length;
  return [mean(0), mean(1)];
}

/** The name of a place of a flow. */
export function placeName(place: string, data: MapData): string {
  const id = place.slice(place.indexOf(":") + 1);
  const list = place.startsWith("location:") ? data.locations : data.cameras;
  return list.find((one) => one.id === id)?.name ?? id;
}
