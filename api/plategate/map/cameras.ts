import { z } from "zod";
import type { Resource } from "../../../core/config/types";
import { placeOf } from "../../../core/map/types";
import { noteChange } from "../../config/audit";
import { finite } from "../../config/schemas";
import { cameraKind } from "../../engine/config/cameras";
import { ApiError } from "../../errors";
import { json, operation } from "../../operations";
import { text } from "../../schemas";
import type { ApiServices } from "../../services";

const place = {
  latitude: finite(-90, 90).nullable(),
  longitude: finite(-180, 180).nullable(),
  bearing: finite(0, 360).nullable().describe("degrees clockwise from north"),
};

export const cameraSchema = z.object({
  id: z.string(),
  name: z.string(),
  lane_id: z.string().nullable(),
  location_id: z.string().nullable().describe("the location that names it"),
  ...place,
});
export type MapCamera = z.output<typeof cameraSchema>;

type Named = Pick<MapCamera, "id" | "name" | "lane_id">;

/** Every camera, however it is set up, with its place: its own, else that of its location. */
export async function mapCameras(
  services: ApiServices,
  locations: Resource<"locations">[],
): Promise<MapCamera[]> {
  const { resources } = services;
  const [stored, foreign, places] = await Promise.all([
    resources.cameras.all(),
    cameraKind.foreign?.(services) ?? [],
    resources.camera_places.all(),
  ]);
  const own = new Map(places.map(({ id, fields }) => [id, fields]));
  for (const { id, fields } of stored) if (placeOf(fields)) own.set(id, fields);
  const named: Named[] = [
    ...stored.map(({ id, fields: { name, lane_id } }) => ({ id, name, lane_id })),
    ...foreign.map(({ wire }) => wire as unknown as Named),
  ];
  return named.map(({ id, name, lane_id }) => {
    const location = locations.find(({ fields }) => fields.camera_ids.includes(id));
    const known = own.get(id);
    const at = (known && placeOf(known)) ?? (location && placeOf(location.fields));
    return {
      id,
      name,
      lane_id,
      location_id: location?.id ?? null,
      latitude: at?.latitude ?? null,
      longitude: at?.longitude ?? null,
      bearing: known?.bearing ?? null,
    };
  });
}

const bodySchema = z
  .strictObject(place)
  .refine(({ latitude, longitude }) => (latitude === null) === (longitude === null), {
    message: "latitude and longitude belong together",
    path: ["longitude"],
  });

/** Puts a camera on the earth. Of one that the API set up it is the camera's own place (reference 3). */
export const placeCamera = operation({
  id: "plategate.map_camera",
  permission: "settings.site",
  summary: "Where a camera stands and looks to",
  method: "put",
  path: "/api/v1/map/cameras/:id",
  input: { params: z.object({ id: text(128) }), body: bodySchema },
  replies: { 200: { description: "The camera", body: cameraSchema } },
  async handle(context, { params: { id }, body }) {
    const { services } = context;
    const { resources } = services;
    const locations = await resources.locations.all();
    const known = (await mapCameras(services, locations)).find((camera) => camera.id === id);
    if (!known) throw ApiError.notFound("There is no such camera");
    const now = Date.now();
    const own = await resources.cameras.update(id, (one) => ({ ...one.fields, ...body }), now);
    if (!own) {
      const changed = await resources.camera_places.update(id, () => body, now);
      if (!changed) await resources.camera_places.create(id, body, now);
    }
    await noteChange(context, "cameras.place", `cameras:${id}`, Object.keys(body));
    const after = (await mapCameras(services, locations)).find((camera) => camera.id === id);
    return json(after ?? known);
  },
});
