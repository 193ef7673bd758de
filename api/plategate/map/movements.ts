import { z } from "zod";
import type { StoredEvent } from "../../../core/events/event";
import { NEWEST_FIRST } from "../../../core/events/filters";
import { flowsOf } from "../../../core/map/flows";
import { legsOf } from "../../../core/map/track";
import { placeOf } from "../../../core/map/types";
import { normalisePlate } from "../../../core/plates/normalise";
import { endsAfterStart, RANGE_ERROR } from "../../events/query";
import { pictureLinks } from "../../events/view";
import { json, operation } from "../../operations";
import { filterText, instant, rangeInput, text } from "../../schemas";
import { mapCameras } from "./cameras";

const DAY_MS = 86_400_000;
/** Longest time of which flows are told. */
const MAX_DAYS = 366;
/** Passages of one path. */
const MAX_SIGHTINGS = 500;
/** The strongest flows that are told. */
const MAX_FLOWS = 500;

const range = {
  start_date: rangeInput("start").describe("ISO 8601, inclusive"),
  end_date: rangeInput("end").describe("ISO 8601, inclusive"),
};

const trackSchema = z.object({
  plate: z.string(),
  total: z.number().int().describe("passages in this time; the newest are told"),
  sightings: z.array(
    z.object({
      id: z.string(),
      at: instant,
      camera_id: z.string().nullable(),
      lane_id: z.string().nullable(),
      direction: z.string(),
      decision: z.string().nullable(),
      confidence: z.number().nullable(),
      frame_url: z.string().nullable(),
      crop_url: z.string().nullable(),
    }),
  ),
  legs: z
    .array(
      z.object({
        seconds: z.number(),
        metres: z.number().nullable().describe("as the crow flies"),
        kmh: z.number().nullable().describe("at least so fast"),
        impossible: z.boolean().describe("no vehicle is that fast: a copied plate, or a misread"),
      }),
    )
    .describe("from each passage to the next"),
});

/** Where a plate was, in the order of time. Looking a person's way up is noted in the audit log. */
export const track = operation({
  id: "plategate.map_track",
  permission: "analytics",
  lookUp: "event.track",
  summary: "The path of a plate over cameras and time",
  method: "get",
  path: "/api/v1/map/track",
  input: {
    query: z
      .object({
        plate: text(64)
          .transform(normalisePlate)
          .refine((plate) => plate !== "", "is no plate")
          .describe("the whole plate"),
        ...range,
        purpose: filterText(500).describe("why, for the audit log"),
      })
      .refine(endsAfterStart, RANGE_ERROR),
  },
  replies: { 200: { description: "The path, oldest first", body: trackSchema } },
  async handle({ request, services }, { query }) {
    const { plate } = query;
    const found = await services.events.list(
      { plate, from: query.start_date, to: query.end_date },
      { ...NEWEST_FIRST, limit: MAX_SIGHTINGS },
    );
    const cameras = await mapCameras(services, await services.resources.locations.all());
    const places = new Map(cameras.map((camera) => [camera.id, placeOf(camera)]));
    const path = found.items.reverse();
    const link = pictureLinks(request, services.links);
    const at = ({ timestamp, cameraId }: StoredEvent) => ({
      at: timestamp,
      place: places.get(cameraId ?? "") ?? null,
    });
    return json({
      plate,
      total: found.total,
      sightings: path.map((event) => ({
        id: event.id,
        at: new Date(event.timestamp).toISOString(),
        camera_id: event.cameraId,
        lane_id: event.laneId,
        direction: event.direction,
        decision: event.decision,
        confidence: event.confidence,
        frame_url: link(event, "frame"),
        crop_url: link(event, "crop"),
      })),
      legs: legsOf(path.map(at)),
    });
  },
});

const flowSchema = z.object({
  start_date: instant,
  end_date: instant,
  estimated: z.boolean().describe("counts are raised from one plate in ten"),
  flows: z.array(
    z.object({
      from: z.string().describe('"camera:<id>" or "location:<id>"'),
      to: z.string(),
      count: z.number().int(),
      p50_seconds: z.number(),
      p90_seconds: z.number(),
    }),
  ),
});

/** Flows between places: no plate is told. */
export const flows = operation({
  id: "plategate.map_flows",
  permission: "analytics",
  summary: "How many vehicles went from place to place, and how long they took",
  method: "get",
  path: "/api/v1/map/flows",
  input: {
    query: z
      .object({
        ...range,
        max_minutes: z.coerce
          .number()
          .int()
          .min(1)
          .max(1440)
          .default(60)
          .describe("longer absences are two journeys"),
      })
      .refine(endsAfterStart, RANGE_ERROR)
      .refine(
        ({ start_date: from, end_date: to = Date.now() }) =>
          from === undefined || to - from <= MAX_DAYS * DAY_MS,
        { message: `at most ${MAX_DAYS} days`, path: ["start_date"] },
      ),
  },
  replies: { 200: { description: "The flows, strongest first", body: flowSchema } },
  async handle({ services }, { query }) {
    const to = query.end_date ?? Date.now();
    const from = query.start_date ?? to - DAY_MS;
    const maxGapMs = query.max_minutes * 60_000;
    const [{ transits, sample }, locations] = await Promise.all([
      services.events.transits({ from, to, maxGapMs }),
      services.resources.locations.all(),
    ]);
    const places = new Map(
      locations.flatMap(({ id, fields }) =>
        fields.camera_ids.map((camera) => [camera, `location:${id}`] as const),
      ),
    );
    const found = flowsOf(transits, (camera) => places.get(camera) ?? `camera:${camera}`);
    return json({
      start_date: new Date(from).toISOString(),
      end_date: new Date(to).toISOString(),
      estimated: sample > 1,
      flows: found.slice(0, MAX_FLOWS).map((flow) => ({
        from: flow.from,
        to: flow.to,
        count: flow.count,
        p50_seconds: flow.p50Seconds,
        p90_seconds: flow.p90Seconds,
      })),
    });
  },
});
