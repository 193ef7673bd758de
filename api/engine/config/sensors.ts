import { z } from "zod";
import type { ConfigKind } from "../../config/kind";
import { freeSchema, idSchema, nameSchema } from "../../config/schemas";
import { instant, text } from "../../schemas";
import { unknownCamera } from "./zones";

const body = z.object({
  name: nameSchema,
  type: text(64).min(1).describe("tpms, barrier, rfid or a word of your own"),
  camera_id: idSchema.nullable().default(null),
  zone_id: idSchema.nullable().default(null),
  config: freeSchema.default({}),
  metadata: freeSchema.default({}),
});

/**
 * `/config/sensors` of reference 2: what is known of sensors. A sensor of the type
 * "barrier" moves nothing: barriers are nodes, with their safety rules.
 */
export const sensorKind: ConfigKind<"sensors"> = {
  kind: "sensors",
  dialect: "engine",
  path: "/config/sensors",
  one: "sensor",
  method: "put",
  rights: { read: "events.read", create: "system", update: "system", remove: "system" },
  body,
  reply: z.object({
    id: z.string(),
    name: z.string(),
    type: z.string(),
    camera_id: z.string().nullable(),
    zone_id: z.string().nullable(),
    config: z.record(z.string(), z.unknown()),
    metadata: z.record(z.string(), z.unknown()),
    created_at: instant,
    updated_at: instant,
  }),
  query: z.object({ type: text(64).optional(), camera_id: text(128).optional() }),
  filter: ({ type, camera_id }) => ({
    type: type as string | undefined,
    cameraId: camera_id as string | undefined,
  }),
  view: ({ fields }) => ({
    name: fields.name,
    type: fields.type,
    camera_id: fields.camera_id,
    zone_id: fields.zone_id,
    config: fields.config,
    metadata: fields.metadata,
  }),
  async check({ camera_id: cameraId, zone_id: zoneId }, services) {
    const errors = await unknownCamera(cameraId, services);
    if (zoneId !== null && !(await services.resources.zones.get(zoneId))) {
      errors.push({ field: "zone_id", message: `There is no zone ${zoneId}` });
    }
    return errors;
  },
};
