import { z } from "zod";
import { flowCameras, type FlowCamera } from "../../../adapters/cameras/flow-cameras";
import type { CameraFields } from "../../../core/config/types";
import { may } from "../../auth/permissions";
import type { ConfigKind, Foreign } from "../../config/kind";
import { finite, freeSchema, idSchema, nameSchema, queryFlag, whole } from "../../config/schemas";
import { ApiError } from "../../errors";
import { instant, text } from "../../schemas";
import { zoneKind } from "./zones";

/** What may be typed as a camera's address: no file of this machine. */
const ADDRESS = /^((rtsps?|https?|rtmps?|srt|udp|rtp):\/\/[^\s/]+\S*|demo:gate)$/i;
export const cameraAddress = text(2000).regex(ADDRESS, "Invalid RTSP URL format");

const resolution = z.object({ width: whole(16, 16_384), height: whole(16, 16_384) });
const model = text(100).min(1);
const KEPT = "kept and shown; which model reads is set in the nodes plate-detect and plate-ocr";

export const cameraBody = z.object({
  name: nameSchema,
  rtsp_url: cameraAddress.describe("rtsp://, rtsps://, http:// … with user and password"),
  high_res_url: cameraAddress.nullable().default(null).describe("a second stream, to read from"),
  transport: z.enum(["tcp", "udp"]).default("tcp"),
  enabled: z.boolean().default(true),
  zone_id: idSchema.nullable().default(null),
  lane_id: idSchema.nullable().default(null),
  fps: finite(0.1, 60).default(10),
  resolution: resolution.nullable().default(null),
  detection_model: model.nullable().default(null).describe(KEPT),
  ocr_models: z.array(model).max(20).default([]).describe(KEPT),
  latitude: finite(-90, 90).nullable().default(null),
  longitude: finite(-180, 180).nullable().default(null),
  bearing: finite(0, 360).nullable().default(null),
  location: text(500).nullable().default(null),
  metadata: freeSchema.default({}),
});

const reply = z.object({
  id: z.string(),
  name: z.string(),
  rtsp_url: z.string().describe("its password masked"),
  enabled: z.boolean(),
  zone_id: z.string().nullable(),
  fps: z.number().nullable(),
  resolution: z.object({ width: z.number(), height: z.number() }).nullable(),
  detection_model: z.string().nullable(),
  ocr_models: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  lane_id: z.string().nullable(),
  transport: z.enum(["tcp", "udp"]),
  high_res_url: z.string().nullable(),
  managed: z
    .enum(["api", "flow", "unregistered"])
    .describe("flow: set up in a flow, only to be looked at; unregistered: only named by events"),
  created_at: instant.nullable(),
  updated_at: instant.nullable(),
});

/** Fields that only an administrator may change: where the camera is, and its login. */
const ADDRESS_FIELDS = ["rtsp_url", "high_res_url", "transport"] as const;

/** `/config/cameras` of reference 2. */
export const cameraKind: ConfigKind<"cameras"> = {
  kind: "cameras",
  dialect: "engine",
  path: "/config/cameras",
  one: "camera",
  method: "put",
  rights: {
    read: "events.read",
    create: "system",
    update: "settings.site",
    remove: "system",
  },
  body: cameraBody,
  reply,
  query: z.object({ enabled: queryFlag.optional() }),
  filter: ({ enabled }) => ({ enabled: enabled as boolean | undefined }),
  view: ({ fields }) => viewOf(fields),
  mayChange(before, after, { principal }) {
    const moved = ADDRESS_FIELDS.some((name) => before[name] !== after[name]);
    if (moved && !may(principal, "system")) {
      throw ApiError.forbidden("Only an administrator may change a camera's address");
    }
  },
  async removed(id, services) {
    const { resources } = services;
    const [zones, sensors] = await Promise.all([resources.zones.all(), resources.sensors.all()]);
    for (const zone of zones) {
      if (zone.fields.camera_id !== id) continue;
      await resources.zones.delete(zone.id);
      await zoneKind.removed?.(zone.id, services);
    }
    for (const sensor of sensors) {
      if (sensor.fields.camera_id !== id) continue;
      const freed = ({ fields }: typeof sensor) => ({ ...fields, camera_id: null });
      await resources.sensors.update(sensor.id, freed, Date.now());
    }
  },
  async foreign({ events, resources }) {
    const inFlows = flowCameras.all();
    const known = new Set(inFlows.map(({ cameraId }) => cameraId));
    for (const { id } of await resources.cameras.all()) known.add(id);
    const unknown = (await events.cameraIds()).filter((id) => !known.has(id));
    return [...inFlows.map(foreignCamera), ...unknown.map(unregisteredCamera)];
  },
};

function viewOf(fields: CameraFields): Record<string, unknown> {
  return {
    name: fields.name,
    rtsp_url: fields.rtsp_url,
    enabled: fields.enabled,
    zone_id: fields.zone_id,
    fps: fields.fps,
    resolution: fields.resolution,
    detection_model: fields.detection_model,
    ocr_models: fields.ocr_models,
    metadata: fields.metadata,
    lane_id: fields.lane_id,
    transport: fields.transport,
    high_res_url: fields.high_res_url,
    managed: "api",
  };
}

/** What is known of a camera that is not set up by the API. */
const BLANK = {
  rtsp_url: "",
  enabled: true,
  zone_id: null,
  fps: null,
  resolution: null,
  detection_model: null,
  ocr_models: [],
  metadata: {},
  lane_id: null,
  transport: "tcp",
  high_res_url: null,
  created_at: null,
  updated_at: null,
};

/** A camera of a flow: its address stays with the flow, its password masked. */
function foreignCamera(camera: FlowCamera): Foreign {
  return {
    id: camera.cameraId,
    wire: {
      ...BLANK,
      id: camera.cameraId,
      name: camera.cameraName,
      rtsp_url: camera.shownUrl,
      lane_id: camera.laneId,
      transport: camera.transport,
      managed: "flow",
    },
    matches: ({ enabled }) => enabled !== false,
  };
}

/** A camera that sent events without being registered. */
function unregisteredCamera(id: string): Foreign {
  return {
    id,
    wire: { ...BLANK, id, name: id, managed: "unregistered" },
    matches: ({ enabled }) => enabled !== false,
    unregistered: true,
  };
}
