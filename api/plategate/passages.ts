import { Readable } from "node:stream";
import { z } from "zod";
import type { StoredEvent } from "../../core/events/event";
import { NEWEST_FIRST } from "../../core/events/filters";
import { ApiError } from "../errors";
import { parseBody } from "../http/validate";
import { json, type Operation } from "../operations";

const pageSchema = z.object({
  skip: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(0).max(200).default(50),
  lane_id: z.string().max(100).optional(),
  camera_id: z.string().max(100).optional(),
});

/** The last passages, newest first. */
export const listPassages: Operation = {
  id: "plategate.passages",
  permission: "events.read",
  summary: "Passages, newest first",
  method: "get",
  path: "/api/v1/passages",
  async handle({ request, services }) {
    const query = parseBody(pageSchema, request.query);
    const found = await services.events.list(
      { laneId: query.lane_id, cameraId: query.camera_id },
      { ...NEWEST_FIRST, skip: query.skip, limit: query.limit },
    );
    return json({
      items: found.items.map(passageView),
      total: found.total,
      skip: query.skip,
      limit: query.limit,
    });
  },
};

/** The picture of an event: its whole frame, or the plate cut out of it. */
export const eventImage: Operation = {
  id: "plategate.event_image",
  permission: "events.read",
  summary: "Picture of a passage",
  method: "get",
  path: "/api/v1/passages/:id/:picture(frame|crop).jpg",
  async handle({ request, services }) {
    const { id, picture } = request.params;
    const event = await services.events.get(String(id));
    const path = picture === "frame" ? event?.frame : event?.crop;
    const image = path ? await services.images.open(path) : null;
    if (!image) throw ApiError.notFound("This passage has no such picture");
    const stream = Readable.from(image.stream);
    stream.once("close", () => image.cancel());
    return {
      status: 200,
      headers: {
        "Content-Type": image.contentType,
        "Content-Length": String(image.size),
        // A passage's picture may get better until it is final.
        "Cache-Control": event?.state === "final" ? "private, max-age=86400" : "no-store",
        ETag: image.etag,
      },
      stream,
    };
  },
};

/** A passage as the dashboard and /api/v1 show it. */
export function passageView(event: StoredEvent): Record<string, unknown> {
  const picture = (name: "frame" | "crop") =>
    event[name]
      ? `/api/v1/passages/${encodeURIComponent(event.id)}/${name}.jpg?v=${event.revision}`
      : null;
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
    frame_url: picture("frame"),
    crop_url: picture("crop"),
  };
}
