import { z } from "zod";
import type { CameraFields } from "../../core/config/types";
import { metresBetween } from "../../core/config/places";
import type { ConfigKind } from "../config/kind";
import { configOperations, wireOf } from "../config/operations";
import { finite, queryFlag } from "../config/schemas";
import { cameraAddress, cameraBody, cameraKind } from "../engine/config/cameras";
import { json, operation, type Operation } from "../operations";
import { instant, pageFields, pageSchema } from "../schemas";

const reply = z.object({
  id: z.string(),
  name: z.string(),
  rtsp_url: z.string().nullable().describe("its password masked"),
  location: z.string().nullable(),
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  bearing: z.number().nullable().describe("degrees clockwise from north"),
  enabled: z.boolean(),
  lane_id: z.string().nullable(),
  zone_id: z.string().nullable(),
  created_at: instant.nullable(),
  updated_at: instant.nullable(),
});

/** A camera of which only videos are uploaded has no address. */
export const cityCameraBody = cameraBody.extend({
  rtsp_url: z
    .literal("")
    .or(cameraAddress)
    .nullish()
    .transform((url) => url ?? "")
    .describe("rtsp://, http:// … with user and password; none for uploaded videos alone"),
});

/** Cameras with their places: the configured cameras in the words of reference 3. */
const cityCameras: ConfigKind<"cameras"> = {
  ...cameraKind,
  dialect: "city",
  path: "/api/cameras",
  method: "patch",
  body: cityCameraBody,
  rights: { ...cameraKind.rights, update: "system" },
  reply,
  view: ({ fields }) => viewOf(fields),
  foreign: async (services) =>
    ((await cameraKind.foreign?.(services)) ?? []).map((camera) => ({
      ...camera,
      wire: { ...PLACELESS, ...pick(camera.wire) },
    })),
};

const PLACELESS = { location: null, latitude: null, longitude: null, bearing: null };
const SHARED = [
  "id",
  "name",
  "rtsp_url",
  "enabled",
  "lane_id",
  "zone_id",
  "created_at",
  "updated_at",
];

function pick(wire: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(SHARED.map((name) => [name, wire[name]]));
}

function viewOf(fields: CameraFields): Record<string, unknown> {
  return {
    name: fields.name,
    rtsp_url: fields.rtsp_url || null,
    location: fields.location,
    latitude: fields.latitude,
    longitude: fields.longitude,
    bearing: fields.bearing,
    enabled: fields.enabled,
    lane_id: fields.lane_id,
    zone_id: fields.zone_id,
  };
}

const geoQuery = z
  .object({
    ...pageFields(),
    enabled: queryFlag.optional(),
    latitude: z.coerce.number().pipe(finite(-90, 90)).optional(),
    longitude: z.coerce.number().pipe(finite(-180, 180)).optional(),
    radius_m: z.coerce.number().pipe(finite(0, 20_100_000)).optional(),
    bbox: z
      .string()
      .regex(/^-?[\d.]+(,-?[\d.]+){3}$/, "must be west,south,east,north")
      .transform((text) => text.split(",").map(Number) as Bounds)
      .optional(),
  })
  .refine(
    ({ latitude, longitude, radius_m }) =>
      [latitude, longitude, radius_m].every((one) => one === undefined) ||
      [latitude, longitude, radius_m].every((one) => one !== undefined),
    { message: "latitude, longitude and radius_m belong together", path: ["radius_m"] },
  );
type Bounds = [west: number, south: number, east: number, north: number];
type Place = { latitude: number; longitude: number };

/** The list by place: within a radius (nearest first) or a box, of those that have a place. */
const listByPlace = operation({
  id: "city.cameras.list",
  permission: cityCameras.rights.read,
  summary: "Cameras; near a place, or inside a box of coordinates",
  method: "get",
  path: "/api/cameras",
  input: { query: geoQuery },
  replies: {
    200: {
      description: "A page of cameras",
      body: pageSchema(reply.extend({ distance_m: z.number().optional() })),
    },
  },
  async handle({ services }, { query }) {
    const { skip, limit, enabled, latitude, longitude, radius_m, bbox } = query;
    const stored = (await services.resources.cameras.all()).map((one) => wireOf(cityCameras, one));
    const foreign = ((await cityCameras.foreign?.(services)) ?? []).map(({ wire }) => wire);
    let all = [...stored, ...foreign].filter(
      (camera) => enabled === undefined || camera.enabled === enabled,
    );
    if (bbox) all = all.filter((camera) => isInside(camera, bbox));
    if (latitude !== undefined && longitude !== undefined && radius_m !== undefined) {
      all = nearest(all, { latitude, longitude }, radius_m);
    }
    return json({ items: all.slice(skip, skip + limit), total: all.length, skip, limit });
  },
});

function placeOf({ latitude, longitude }: Record<string, unknown>): Place | null {
  return typeof latitude === "number" && typeof longitude === "number"
    ? { latitude, longitude }
    : null;
}

function nearest(
  cameras: Record<string, unknown>[],
  centre: Place,
  radius: number,
): Record<string, unknown>[] {
  return cameras
    .flatMap((camera) => {
      const place = placeOf(camera);
      const metres = place ? metresBetween(place, centre) : Infinity;
      return metres <= radius ? [{ ...camera, distance_m: Math.round(metres) }] : [];
    })
    .sort((a, b) => a.distance_m - b.distance_m);
}

/** A box that crosses the date line has its west east of its east. */
function isInside(camera: Record<string, unknown>, [west, south, east, north]: Bounds): boolean {
  const place = placeOf(camera);
  if (!place || place.latitude < south || place.latitude > north) return false;
  const { longitude } = place;
  return west <= east
    ? longitude >= west && longitude <= east
    : longitude >= west || longitude <= east;
}

/** `/api/cameras` of reference 3. */
export const cityCameraOperations: Operation[] = [
  listByPlace,
  ...configOperations(cityCameras).filter(({ id }) => !id.endsWith(".list")),
];
