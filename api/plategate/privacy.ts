import { z } from "zod";
import { normalisePlate } from "../../core/plates/normalise";
import { actorOf, changeBy } from "../auth/actor";
import { ApiError } from "../errors";
import { purposeOf } from "../events/look-up";
import { eventView, eventViewSchema, isoTime, pictureLinks } from "../events/view";
import { json, operation, type Operation, type OperationContext } from "../operations";
import { instant, text } from "../schemas";

const eventParams = z.object({ event_id: text(128) });
const plateParams = z.object({
  plate: text(128).refine((plate) => normalisePlate(plate) !== "", "is no plate"),
});
const reason = text(500).min(1);
const heldSchema = z.object({
  id: z.string(),
  held: z.boolean(),
  hold_reason: z.string().nullable(),
});

const hold = operation({
  id: "plategate.event_hold",
  permission: "privacy",
  summary: "Hold an event: it is kept whatever its age, until it is released",
  method: "post",
  path: "/api/v1/events/:event_id/hold",
  input: { params: eventParams, body: z.object({ reason }) },
  replies: { 200: { description: "It is held", body: heldSchema } },
  handle: (context, { params, body }) => setHold(context, params.event_id, body.reason),
});

const release = operation({
  id: "plategate.event_release",
  permission: "privacy",
  summary: "Release a held event",
  method: "delete",
  path: "/api/v1/events/:event_id/hold",
  input: { params: eventParams },
  replies: { 200: { description: "It is no longer held", body: heldSchema } },
  handle: (context, { params }) => setHold(context, params.event_id, null),
});

async function setHold(context: OperationContext, id: string, why: string | null) {
  const { services } = context;
  if (!(await services.events.setHold(id, why, Date.now()))) {
    throw ApiError.notFound("Event not found");
  }
  const action = why === null ? "event.release" : "event.hold";
  const entry = changeBy(actorOf(context), action, `event:${id}`);
  await services.auth.audit({ ...entry, purpose: why ?? purposeOf(context) });
  return json({ id, held: why !== null, hold_reason: why });
}

const exportPlate = operation({
  id: "plategate.plate_export",
  permission: "privacy",
  summary: "Everything that is kept of a plate, for the person it belongs to",
  method: "get",
  path: "/api/v1/plates/:plate/export",
  input: { params: plateParams },
  replies: {
    200: {
      description: "Events with signed addresses of their pictures, list entries, look-ups",
      body: z.object({
        plate: z.string(),
        exported_at: instant,
        events: z.array(eventViewSchema),
        vehicle: z.record(z.string(), z.unknown()).nullable(),
        visitor_passes: z.array(z.record(z.string(), z.unknown())),
        look_ups: z.array(
          z.object({
            at: instant,
            actor: z.string(),
            action: z.string(),
            purpose: z.string().nullable(),
          }),
        ),
      }),
    },
  },
  async handle(context, { params }) {
    const { services, request } = context;
    await services.store.lookUps.flush();
    const people = await services.store.people();
    const record = await people.export(params.plate, askerOf(context), Date.now());
    const link = pictureLinks(request, services.links);
    return json({
      plate: record.plate,
      exported_at: isoTime(record.exportedAt),
      events: record.events.map((event) => eventView(event, link)),
      vehicle: record.vehicle,
      visitor_passes: record.passes,
      look_ups: record.lookUps.map((one) => ({ ...one, at: isoTime(one.at) })),
    });
  },
});

const erasePlate = operation({
  id: "plategate.plate_erase",
  permission: "privacy",
  summary: "Delete everything that is kept of a plate, pictures included",
  method: "post",
  path: "/api/v1/plates/:plate/erase",
  input: {
    params: plateParams,
    body: z.object({
      purpose: reason.describe("why, for the audit log"),
      lists: z.boolean().default(false).describe("also the vehicle and its visitor passes"),
      held: z.boolean().default(false).describe("also events that are held"),
    }),
  },
  replies: {
    200: {
      description: "What was deleted, and what was left because it is held",
      body: z.object({
        plate: z.string(),
        erased_at: instant,
        events: z.number().int(),
        pictures: z.number().int(),
        held: z.number().int(),
        vehicle: z.boolean(),
        visitor_passes: z.number().int(),
      }),
    },
  },
  async handle(context, { params, body }) {
    const people = await context.services.store.people();
    const { purpose, ...options } = body;
    const asker = { ...askerOf(context), purpose };
    const { erasedAt, passes, ...done } = await people.erase(
      params.plate,
      options,
      asker,
      Date.now(),
    );
    return json({ ...done, erased_at: isoTime(erasedAt), visitor_passes: passes });
  },
});

function askerOf(context: OperationContext) {
  return { actor: actorOf(context).name, organisation: null, purpose: purposeOf(context) };
}

/** The rights of people recorded (DESIGN §8). */
export const privacyOperations: Operation[] = [hold, release, exportPlate, erasePlate];
