import { z } from "zod";
import { NEWEST_FIRST } from "../../core/events/filters";
import { visitsOf } from "../../core/events/visits";
import {
  endsAfterStart,
  placeAndTime,
  placeAndTimeFilter,
  plateFilter,
  RANGE_ERROR,
} from "../events/query";
import { isoTime } from "../events/view";
import { json, operation } from "../operations";
import { filterText, instant, pageFields, pageSchema } from "../schemas";

/** So many of the newest detections are put together; a shorter time finds older ones. */
const NEWEST = 5_000;
const STEP = 1_000;
const GAP_MINUTES = 30;
const MINUTE = 60_000;

const sessionSchema = z.object({
  plate: z.string(),
  started_at: instant,
  ended_at: instant,
  duration_seconds: z.number(),
  detections: z.number().int(),
  cameras: z.array(z.string()).describe("in the order they were passed"),
  first_detection_id: z.string(),
  last_detection_id: z.string(),
});

/** `session_queries` of reference 5: how long vehicles stayed. */
export const sessionQueries = operation({
  id: "galaxy.session_queries",
  permission: "events.read",
  method: "get",
  lookUp: "event.query",
  summary: "Stays of vehicles: detections of a plate without a long gap, newest first",
  path: "/session_queries",
  input: {
    query: z
      .object({
        ...pageFields(),
        ...placeAndTime,
        plate: filterText(128).describe("any part of it"),
        gap_minutes: z.coerce
          .number()
          .min(1)
          .max(10_080)
          .default(GAP_MINUTES)
          .describe("a longer time without a detection ends a stay"),
      })
      .refine(endsAfterStart, RANGE_ERROR),
  },
  replies: { 200: { description: "A page of stays", body: pageSchema(sessionSchema) } },
  async handle({ services }, { query }) {
    const { skip, limit } = query;
    const plate = plateFilter(query.plate);
    if (!plate) return json({ items: [], total: 0, skip, limit });
    const filter = {
      ...placeAndTimeFilter(query),
      ...plate,
    };
    const found = [];
    for (let at = 0; at < NEWEST; at += STEP) {
      const page = { ...NEWEST_FIRST, skip: at, limit: STEP };
      const { items } = await services.events.list(filter, page);
      found.push(...items);
      if (items.length < STEP) break;
    }
    const visits = visitsOf(found, query.gap_minutes * MINUTE);
    const items = visits.slice(skip, skip + limit).map((visit) => ({
      plate: visit.plate,
      started_at: isoTime(visit.startedAt),
      ended_at: isoTime(visit.endedAt),
      duration_seconds: Math.round((visit.endedAt - visit.startedAt) / 1000),
      detections: visit.detections,
      cameras: visit.cameras,
      first_detection_id: visit.first.id,
      last_detection_id: visit.last.id,
    }));
    return json({ items, total: visits.length, skip, limit });
  },
});
