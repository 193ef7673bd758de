import { z } from "zod";
import type { StoredEvent } from "../../core/events/event";
import { NEWEST_FIRST } from "../../core/events/filters";
import { pictureReply } from "../events/picture";
import { pictureLinks, type PictureLink } from "../events/view";
import { json, operation } from "../operations";
import { instant, pageFields, pageSchema, text } from "../schemas";

const querySchema = z.object({
  ...pageFields(50, 200),
  lane_id: text(100).optional(),
  camera_id: text(100).optional(),
});

const passageSchema = z.object({
  id: z.string(),
  timestamp: instant,
  camera_id: z.string().nullable(),
  lane_id: z.string().nullable(),
  plate: z.string(),
  confidence: z.number().nullable(),
  region: z.string().nullable(),
  direction: z.string(),
  state: z.enum(["preliminary", "final"]),
  decision: z.string().nullable().describe("open, deny or review"),
  reason: z.string().nullable().describe("reason code of the decision"),
  vehicle_plate: z.string().nullable().describe("the registered plate that it was taken for"),
  barrier: z.object({ id: z.string(), result: z.string(), state: z.string() }).nullable(),
  time_to_open_ms: z.number().nullable(),
  frame_url: z.string().nullable(),
  crop_url: z.string().nullable(),
});

/** The last passages, newest first. */
export const listPassages = operation({
  id: "plategate.passages",
  permission: "events.read",
  summary: "Passages, newest first",
  method: "get",
  path: "/api/v1/passages",
  input: { query: querySchema },
  replies: { 200: { description: "A page of passages", body: pageSchema(passageSchema) } },
  async handle({ request, services }, { query }) {
    const link = pictureLinks(request, services.links);
    const found = await services.events.list(
      { laneId: query.lane_id, cameraId: query.camera_id },
      { ...NEWEST_FIRST, skip: query.skip, limit: query.limit },
    );
    return json({
      items: found.items.map((event) => passageView(event, link)),
      total: found.total,
      skip: query.skip,
      limit: query.limit,
    });
  },
});

/** The picture of an event: its whole frame, or the plate cut out of it. */
export const eventImage = operation({
  id: "plategate.event_image",
  permission: "events.read",
  summary: "Picture of a passage",
  method: "get",
  path: "/api/v1/passages/:id/:picture(frame|crop).jpg",
  input: { params: z.object({ id: text(128), picture: z.enum(["frame", "crop"]) }) },
  replies: { 200: { description: "The picture", contentType: "image/jpeg" } },
  async handle({ request, services }, { params: { id, picture } }) {
    return pictureReply(request, services.images, await services.events.get(id), picture);
  },
});

/** A passage as the dashboard and /api/v1 show it. */
export function passageView(event: StoredEvent, link: PictureLink): Record<string, unknown> {
  return {
    id: event.id,
    timestamp: new Date(event.timestamp).toISOString(),
    camera_id: event.cameraId,
    lane_id: event.laneId,
    plate: event.plateText,
    confidence: event.confidence,
    region: event.region,
    direction: event.direction,
    state: event.state,
    decision: event.decision,
    reason: event.reason,
    vehicle_plate: event.vehiclePlate,
    barrier: event.barrier && {
      id: event.barrier.barrierId,
      result: event.barrier.result,
      state: event.barrier.state,
    },
    time_to_open_ms: event.timeToOpenMs,
    frame_url: link(event, "frame"),
    crop_url: link(event, "crop"),
  };
}
