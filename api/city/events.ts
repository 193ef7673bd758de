import { z } from "zod";
import { events as bus } from "../../adapters/events/bus";
import type { StoredEvent } from "../../core/events/event";
import { NEWEST_FIRST } from "../../core/events/filters";
import { normalisePlate } from "../../core/plates/normalise";
import { normalisePattern } from "../../core/plates/patterns";
import { nameOf } from "../auth/actor";
import { noteChange } from "../config/audit";
import { ApiError } from "../errors";
import { endsAfterStart, numberInput, placeAndTime, RANGE_ERROR } from "../events/query";
import { REVIEW_SETTING, reviewBelow } from "../events/review";
import { json, operation, type Operation, type OperationContext } from "../operations";
import { filterText, pageFields, pageSchema, text } from "../schemas";
import { cityEvents, cityEventSchema } from "./view";

const { camera_id, start_date, end_date } = placeAndTime;
const searchQuery = z
  .object({
    ...pageFields(),
    camera_id,
    start_date,
    end_date,
    plate: filterText(128).describe("a plate, or a pattern with * and ?"),
    min_confidence: numberInput(0, 1),
    job_id: filterText(128).describe("those found in this video"),
  })
  .refine(endsAfterStart, RANGE_ERROR);

const one = { params: z.object({ id: text(128) }) };
const page = { description: "A page of events", body: pageSchema(cityEventSchema) };
const event = { description: "The event", body: cityEventSchema };

const notesSchema = z.object({ notes: text(2000).nullish() });
const correctionSchema = z.object({
  corrected_plate: text(128).refine(
    (plate) => normalisePlate(plate) !== "",
    "must hold a letter or digit",
  ),
  notes: text(2000).nullish(),
});

async function found({ services }: OperationContext, id: string): Promise<StoredEvent> {
  const stored = await services.events.get(id);
  if (!stored) throw ApiError.notFound("Event not found");
  return stored;
}

async function answer(context: OperationContext, stored: StoredEvent) {
  const [view] = await cityEvents([stored], context.request, context.services);
  return json(view);
}

/** Events, their review and the queue of those that wait for it (reference 3). */
export const cityEventOperations: Operation[] = [
  operation({
    id: "city.events",
    permission: "events.read",
    lookUp: "event.query",
    summary: "Search events by plate, camera and time",
    method: "get",
    path: "/api/events",
    input: { query: searchQuery },
    replies: { 200: page },
    async handle({ request, services }, { query }) {
      const { skip, limit, plate } = query;
      const platePattern = plate === undefined ? undefined : normalisePattern(plate);
      if (platePattern === "") return json({ items: [], total: 0, skip, limit });
      const list = await services.events.list(
        {
          cameraId: query.camera_id,
          from: query.start_date,
          to: query.end_date,
          minConfidence: query.min_confidence,
          jobId: query.job_id,
          platePattern,
        },
        { ...NEWEST_FIRST, skip, limit },
      );
      const items = await cityEvents(list.items, request, services);
      return json({ items, total: list.total, skip, limit });
    },
  }),
  operation({
    id: "city.event",
    permission: "events.read",
    lookUp: "event.get",
    summary: "One event with its review",
    method: "get",
    path: "/api/events/:id",
    input: one,
    replies: { 200: event },
    handle: async (context, { params }) => answer(context, await found(context, params.id)),
  }),
  operation({
    id: "city.events.confirm",
    permission: "review",
    summary: "The read is right",
    method: "post",
    path: "/api/events/:id/confirm",
    input: one,
    replies: { 200: event },
    async handle(context, { params }) {
      const { services, principal, body } = context;
      // A body is not asked for: notes are taken where there are any.
      const { notes } = notesSchema.catch({}).parse(body ?? {});
      const stored = await found(context, params.id);
      const { reviews } = await services.store.open();
      await reviews.confirm({
        eventId: stored.id,
        actor: nameOf(principal),
        notes: notes ?? null,
        reviewedAt: Date.now(),
      });
      await noteChange(context, "event.confirm", `event:${stored.id}`, []);
      return answer(context, stored);
    },
  }),
  operation({
    id: "city.events.correct",
    permission: "review",
    summary: "The read is wrong: the right plate, the raw read is kept",
    method: "post",
    path: "/api/events/:id/correction",
    input: { ...one, body: correctionSchema },
    replies: { 200: event },
    async handle(context, { params, body }) {
      const { services, principal } = context;
      const { reviews } = await services.store.open();
      const change = await reviews.correct(normalisePlate(body.corrected_plate), {
        eventId: params.id,
        actor: nameOf(principal),
        notes: body.notes ?? null,
        reviewedAt: Date.now(),
      });
      if (!change) throw ApiError.notFound("Event not found");
      bus.publish(change, () => undefined);
      await noteChange(context, "event.correct", `event:${params.id}`, ["plate"]);
      return answer(context, change.event);
    },
  }),
  operation({
    id: "city.feedback.pending",
    permission: "review",
    lookUp: "event.query",
    summary: "Events that wait for a person: unsure reads and decisions to review",
    method: "get",
    path: "/api/feedback/pending",
    input: {
      query: z.object({
        ...pageFields(),
        camera_id,
        max_confidence: numberInput(0, 1).describe("reads less sure than this"),
        all: z.stringbool().optional().describe("every event that nobody has looked at"),
      }),
    },
    replies: { 200: page },
    async handle({ request, services }, { query }) {
      const { skip, limit } = query;
      const { reviews, settings } = await services.store.open();
      const usual = reviewBelow(await settings.get(REVIEW_SETTING));
      const below = query.all ? null : (query.max_confidence ?? usual);
      const filter = { below, cameraId: query.camera_id };
      const list = await reviews.pending(filter, { skip, limit });
      const items = await cityEvents(list.items, request, services);
      return json({ items, total: list.total, skip, limit });
    },
  }),
];
