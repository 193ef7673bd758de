import { z } from "zod";
import type { StoredEvent } from "../../core/events/event";
import { NEWEST_FIRST, type EventFilter } from "../../core/events/filters";
import { LISTS } from "../../core/events/lists";
import { PLATE_MATCHES, plateSearch } from "../../core/plates/search";
import { ApiError } from "../errors";
import { pictureReply } from "../events/picture";
import { pictureLinks, type PictureLink } from "../events/view";
import { json, operation } from "../operations";
import { filterText, instant, pageFields, pageSchema, rangeInput, text } from "../schemas";

/** Which passages: what the list and its export have in common. */
export const passageFilters = {
  plate: filterText(64).describe("a part of the plate, or a pattern with * and ?"),
  match: z
    .enum(PLATE_MATCHES)
    .optional()
    .describe("part: as it is written (default); looks: also plates that look alike (O/0, B/8 …)"),
  lane_id: filterText(100),
  camera_id: filterText(100),
  decision: z.enum(["open", "deny", "review"]).optional(),
  list: z
    .enum(LISTS)
    .optional()
    .describe("decided passages by the list that decided; none: on no list"),
  reason: filterText(64).describe("reason code of the decision"),
  job_id: filterText(128).describe("those found in this video"),
  start_date: rangeInput("start").describe("ISO 8601, inclusive"),
  end_date: rangeInput("end").describe("ISO 8601, inclusive"),
};

const querySchema = z.object({ ...pageFields(50, 200), ...passageFilters });

/** The filter that a query asks for. @returns null for a plate that cannot be */
export function passageFilter(
  query: z.output<z.ZodObject<typeof passageFilters>>,
): EventFilter | null {
  const plate = query.plate === undefined ? {} : plateSearch(query.plate, query.match);
  if (!plate) return null;
  return {
    ...plate,
    laneId: query.lane_id,
    cameraId: query.camera_id,
    decision: query.decision,
    list: query.list,
    reason: query.reason,
    jobId: query.job_id,
    from: query.start_date,
    to: query.end_date,
  };
}

export const passageSchema = z.object({
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
  lookUp: "event.query",
  summary: "Passages, newest first",
  method: "get",
  path: "/api/v1/passages",
  input: { query: querySchema },
  replies: { 200: { description: "A page of passages", body: pageSchema(passageSchema) } },
  async handle({ request, services }, { query }) {
    const { skip, limit } = query;
    const filter = passageFilter(query);
    if (!filter) return json({ items: [], total: 0, skip, limit });
    const link = pictureLinks(request, services.links);
    const found = await services.events.list(filter, { ...NEWEST_FIRST, skip, limit });
    return json({
      items: found.items.map((event) => passageView(event, link)),
      total: found.total,
      skip,
      limit,
    });
  },
});

const detailSchema = z.object({
  ...passageSchema.shape,
  raw_text: z.string().nullable().describe("as it was read, where it was corrected since"),
  held: z.boolean(),
  barrier_at: instant.nullable().describe("when the barrier confirmed"),
  list_version: z.string().nullable(),
  steps: z
    .array(
      z.object({
        check: z.string(),
        outcome: z.enum(["pass", "fail", "skip"]),
        detail: z.string(),
      }),
    )
    .describe("the checks of the decision, in the order they were made"),
  votes: z
    .array(z.object({ text: z.string(), confidence: z.number(), at: instant }))
    .describe("the reads that the text was made of"),
});

/** One passage with what its decision rests on. */
export const getPassage = operation({
  id: "plategate.passage",
  permission: "events.read",
  lookUp: "event.get",
  summary: "One passage, with the reads and checks behind its decision",
  method: "get",
  path: "/api/v1/passages/:id",
  input: { params: z.object({ id: text(128) }) },
  replies: { 200: { description: "The passage", body: detailSchema } },
  async handle({ request, services }, { params: { id } }) {
    const event = await services.events.get(id);
    if (!event) throw ApiError.notFound("There is no such passage");
    return json({
      ...passageView(event, pictureLinks(request, services.links)),
      raw_text: event.rawText,
      held: event.held,
      barrier_at: event.barrier?.confirmedAt
        ? new Date(event.barrier.confirmedAt).toISOString()
        : null,
      list_version: event.trace?.listVersion ?? null,
      steps: event.trace?.steps ?? [],
      votes: (event.trace?.votes ?? []).map(({ text: read, confidence, capturedAt }) => ({
        text: read,
        confidence,
        at: new Date(capturedAt).toISOString(),
      })),
    });
  },
});

/** The picture of an event: its whole frame, or the plate cut out of it. */
export const eventImage = operation({
  id: "plategate.event_image",
  permission: "events.read",
  lookUp: "event.picture",
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
