import { z } from "zod";
import type { EventFilter } from "../../core/events/filters";
import { NEWEST_FIRST } from "../../core/events/filters";
import type { StoredEvent } from "../../core/events/event";
import { ApiError } from "../errors";
import {
  endsAfterStart,
  placeAndTime,
  placeAndTimeFilter,
  plateFilter,
  RANGE_ERROR,
} from "../events/query";
import { isoTime } from "../events/view";
import { json, operation, type OperationContext } from "../operations";
import { filterText, pageFields, pageSchema } from "../schemas";
import { eventIdOf } from "./detect";
import { boxView, detectionSchema, detectionView, placeOf } from "./view";

const plateQuery = z
  .object({ ...pageFields(), ...placeAndTime, plate: filterText(128).describe("any part of it") })
  .refine(endsAfterStart, RANGE_ERROR);
type PlateQuery = z.output<typeof plateQuery>;

const page = pageSchema(detectionSchema);

/** A page of detections. `plate` that no plate can hold finds nothing. */
async function detections(
  { request, services }: OperationContext,
  query: PlateQuery,
  more: EventFilter = {},
) {
  const { skip, limit } = query;
  const plate = plateFilter(query.plate);
  if (!plate) return json({ items: [], total: 0, skip, limit });
  const filter = {
    ...placeAndTimeFilter(query),
    ...plate,
    ...more,
  };
  const found = await services.events.list(filter, { ...NEWEST_FIRST, skip, limit });
  const items = found.items.map((event) => detectionView(event, request, services.links));
  return json({ items, total: found.total, skip, limit });
}

const reading = { permission: "events.read", method: "get", lookUp: "event.query" } as const;

export const latestDetection = operation({
  ...reading,
  id: "galaxy.latest_detection",
  summary: "The most recent detection",
  path: "/latest_detection",
  input: {},
  replies: {
    200: { description: "The detection; 404 while there is none", body: detectionSchema },
  },
  async handle({ request, services }) {
    const { items } = await services.events.list({}, { ...NEWEST_FIRST, limit: 1 });
    const [newest] = items;
    if (!newest) throw ApiError.notFound("There is no detection yet");
    return json(detectionView(newest, request, services.links));
  },
});

export const listDetections = operation({
  ...reading,
  id: "galaxy.detections",
  summary: "Detections, newest first",
  path: "/detections",
  input: { query: plateQuery },
  replies: { 200: { description: "A page of detections", body: page } },
  handle: (context, { query }) => detections(context, query),
});

export const plateQueries = operation({
  ...reading,
  id: "galaxy.plate_queries",
  summary: "When and where a plate was seen",
  path: "/plate_queries",
  input: { query: plateQuery },
  replies: { 200: { description: "A page of detections", body: page } },
  handle: (context, { query }) => detections(context, query),
});

const vehicleQuery = plateQuery.safeExtend({
  type: filterText(64).describe("as it was told, e.g. car"),
  color: filterText(64).describe("as it was told, e.g. white"),
});

export const vehicleQueries = operation({
  ...reading,
  id: "galaxy.vehicle_queries",
  summary: "Detections by type and colour of the vehicle",
  path: "/vehicle_queries",
  input: { query: vehicleQuery },
  replies: { 200: { description: "A page of detections", body: page } },
  handle: (context, { query }) =>
    detections(context, query, { vehicleType: query.type, vehicleColour: query.color }),
});

const regionsQuery = z
  .object({
    detection_id: filterText(128),
    image: filterText(500).describe("address or path of a picture below /outputs/"),
  })
  .refine(({ detection_id, image }) => detection_id !== undefined || image !== undefined, {
    message: "detection_id or image is needed",
    path: ["detection_id"],
  });

const regionSchema = z.object({
  id: z.string(),
  plate: z.string(),
  confidence: z.number().nullable(),
  box: z
    .object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
    .nullable()
    .describe("pixels; null where it is not known any more"),
  corners: z.array(z.object({ x: z.number(), y: z.number() })).nullable(),
});

export const plateRegions = operation({
  ...reading,
  id: "galaxy.plate_regions",
  summary: "Where the plates are in a detection's picture",
  path: "/plate_regions",
  input: { query: regionsQuery },
  replies: {
    200: {
      description: "The plates of the picture",
      body: z.object({
        detection_id: z.string(),
        image_width: z.number().nullable(),
        image_height: z.number().nullable(),
        regions: z.array(regionSchema),
      }),
    },
  },
  async handle({ services }, { query }) {
    const { events } = services;
    const id = query.detection_id ?? idOfImage(query.image ?? "");
    const event = id === null ? null : await events.get(id);
    if (!event) throw ApiError.notFound("There is no such detection");
    const place = placeOf(event);
    const ids = Array.from({ length: place?.plates ?? 0 }, (_, index) =>
      eventIdOf(place?.detectionId ?? event.id, index),
    );
    const all = place ? await Promise.all(ids.map((one) => events.get(one))) : [event];
    return json({
      detection_id: place?.detectionId ?? event.id,
      image_width: place?.width ?? null,
      image_height: place?.height ?? null,
      regions: all.flatMap((one) => (one ? [region(one)] : [])),
    });
  },
});

/** The event that a picture's address names. */
function idOfImage(image: string): string | null {
  const [, name] =
    /\/outputs\/(?:uploaded|plates|vehicles)\/([^/?#]+)\.jpg(?:[?#]|$)/.exec(image) ?? [];
  try {
    return name === undefined ? null : decodeURIComponent(name);
  } catch {
    return null;
  }
}

/** Of a camera's passage the surest vote says where the plate was. */
function region(event: StoredEvent): z.infer<typeof regionSchema> {
  const place = placeOf(event);
  const [vote] = [...(event.trace?.votes ?? [])].sort((a, b) => b.confidence - a.confidence);
  const box = place?.box ?? vote?.box;
  return {
    id: event.id,
    plate: event.plateText,
    confidence: event.confidence,
    box: box && box[2] > 0 ? boxView(box) : null,
    corners: place?.corners?.map(([x, y]) => ({ x, y })) ?? null,
  };
}

const statisticsQuery = z
  .object({ ...placeAndTime, interval: z.enum(["minute", "hour", "day", "week"]).default("hour") })
  .refine(endsAfterStart, RANGE_ERROR);

const DAY_MS = 86_400_000;

export const statistics = operation({
  ...reading,
  id: "galaxy.statistics",
  summary: "Counts by camera, decision and time; the last day unless a range is given",
  path: "/statistics",
  input: { query: statisticsQuery },
  replies: {
    200: {
      description: "The figures",
      body: z.object({
        total_detections: z.number().int(),
        unique_plates: z.number().int(),
        average_confidence: z.number().nullable(),
        start_date: z.string(),
        end_date: z.string(),
        by_camera: z.record(z.string(), z.number().int()),
        by_decision: z.record(z.string(), z.number().int()),
        timeline: z.array(z.object({ timestamp: z.string(), count: z.number().int() })),
      }),
    },
  },
  async handle({ services }, { query }) {
    const to = query.end_date ?? Date.now();
    const from = query.start_date ?? to - DAY_MS;
    const found = await services.events.statistics({
      filter: { cameraId: query.camera_id, zoneId: query.zone_id, from, to },
      interval: query.interval,
      timeZone: services.timeZone,
    });
    return json({
      total_detections: found.totalEvents,
      unique_plates: found.uniquePlates,
      average_confidence: found.avgConfidence,
      start_date: isoTime(from),
      end_date: isoTime(to),
      by_camera: Object.fromEntries(
        Object.entries(found.byCamera).map(([id, { count }]) => [id, count]),
      ),
      by_decision: found.byDecision,
      timeline: found.timeline.map(({ timestamp, count }) => ({
        timestamp: isoTime(timestamp),
        count,
      })),
    });
  },
});
