import { z } from "zod";
import { flowCameras } from "../../../adapters/cameras/flow-cameras";
import type { ConfigKind } from "../../config/kind";
import { finite, freeSchema, idSchema, nameSchema } from "../../config/schemas";
import type { FieldError } from "../../errors";
import { instant, text } from "../../schemas";
import type { ApiServices } from "../../services";

const point = z.object({ x: finite(0, 100_000), y: finite(0, 100_000) });
const geometry = z.object({
  type: z.literal("polygon").default("polygon"),
  points: z.array(point).min(3).max(200),
});

const body = z.object({
  name: nameSchema,
  camera_id: idSchema,
  type: text(64).min(1).default("enter").describe("enter, exit or a word of your own"),
  geometry,
  lane_id: idSchema.nullable().default(null),
  metadata: freeSchema.default({}),
});

/** `/config/zones` of reference 2. */
export const zoneKind: ConfigKind<"zones"> = {
  kind: "zones",
  dialect: "engine",
  path: "/config/zones",
  one: "zone",
  method: "put",
  rights: {
    read: "events.read",
    create: "settings.site",
    update: "settings.site",
    remove: "settings.site",
  },
  body,
  reply: z.object({
    id: z.string(),
    name: z.string(),
    camera_id: z.string(),
    type: z.string(),
    geometry: z.object({
      type: z.literal("polygon"),
      points: z.array(z.object({ x: z.number(), y: z.number() })),
    }),
    metadata: z.record(z.string(), z.unknown()),
    lane_id: z.string().nullable(),
    created_at: instant,
    updated_at: instant,
  }),
  query: z.object({ camera_id: text(128).optional() }),
  filter: ({ camera_id }) => ({ cameraId: camera_id as string | undefined }),
  view: ({ fields }) => ({
    name: fields.name,
    camera_id: fields.camera_id,
    type: fields.type,
    geometry: fields.geometry,
    metadata: fields.metadata,
    lane_id: fields.lane_id,
  }),
  async check({ camera_id: cameraId, geometry: { points } }, services) {
    return [
      ...(await unknownCamera(cameraId, services)),
      ...(area(points) > 0
        ? []
        : [{ field: "geometry.points", message: "the polygon encloses nothing" }]),
    ];
  },
  async removed(id, { resources }) {
    for (const sensor of await resources.sensors.all()) {
      if (sensor.fields.zone_id !== id) continue;
      const freed = ({ fields }: typeof sensor) => ({ ...fields, zone_id: null });
      await resources.sensors.update(sensor.id, freed, Date.now());
    }
  },
};

/** What is wrong with the id of a camera: nothing, or that there is no such camera. */
export async function unknownCamera(
  id: string | null,
  { resources }: ApiServices,
): Promise<FieldError[]> {
  if (id === null || flowCameras.has(id) || (await resources.cameras.get(id))) return [];
  return [{ field: "camera_id", message: `There is no camera ${id}` }];
}

/** Twice the area (shoelace), 0 where all points are on a line. */
function area(points: { x: number; y: number }[]): number {
  const sum = points.reduce((total, { x, y }, i) => {
    const next = points[(i + 1) % points.length] ?? { x, y };
    return total + x * next.y - next.x * y;
  }, 0);
  return Math.abs(sum);
}
