import { z } from "zod";
import { previewAccepted } from "../../../core/access/identify";
import type { StoredEvent } from "../../../core/events/event";
import { NEWEST_FIRST } from "../../../core/events/filters";
import { REASON_CODES } from "../../../core/messages";
import { normalisePlate } from "../../../core/plates/normalise";
import { ApiError } from "../../errors";
import { json, operation } from "../../operations";
import {
  filterText,
  instant,
  pageFields,
  pageSchema,
  rangeInput,
  text,
  timeInput,
} from "../../schemas";
import { previewOf } from "./preview";

/** Reads that say a plate beyond doubt, as many as a gate may ask for. */
const SURE_READS = 64;

const acceptedSchema = z.object({
  plate: z.string().describe("as it would be enrolled"),
  accepted: z.array(z.string()).describe("the plate itself first; long lists are cut"),
  total: z.number().int(),
});

/** Which reads an entry would accept, before it is saved. */
export const acceptedReads = operation({
  id: "plategate.accepted_reads",
  permission: "lists.write",
  summary: "The reads that a list entry for a plate would accept",
  method: "post",
  path: "/api/v1/plates/accepted",
  input: { body: z.object({ plate: text(64).min(1) }) },
  replies: { 200: { description: "The reads", body: acceptedSchema } },
  async handle({ services }, { body: { plate } }) {
    if (normalisePlate(plate) === "") {
      throw new ApiError(422, "VALIDATION_ERROR", "This is no plate", {
        errors: [{ field: "plate", message: "has no letter or digit" }],
      });
    }
    return json(previewAccepted(plate, await services.access.settings()));
  },
});

const previewSchema = z
  .strictObject({
    plate: text(64).min(1).optional().describe("a plate read beyond doubt"),
    reads: z
      .array(z.object({ text: text(64), confidence: z.number().min(0).max(1) }))
      .min(1)
      .max(64)
      .optional()
      .describe("or the reads of a passage"),
    lane_id: text(64).nullable().default(null),
    site_id: text(64).default("site").describe("where no gate of the lane runs here"),
    way: z.enum(["entry", "exit"]).nullable().default(null).describe("instead of the lane's own"),
    at: timeInput.optional(),
  })
  .refine(({ plate, reads }) => (plate === undefined) !== (reads === undefined), {
    error: "either plate or reads",
    path: ["plate"],
  });

const stepSchema = z.object({
  check: z.string(),
  outcome: z.enum(["pass", "fail", "skip"]),
  detail: z.string(),
});
const resultFields = {
  result: z.enum(["open", "deny", "review"]),
  reason: z.string(),
  plate: z.string(),
  lane_id: z.string().nullable(),
  at: instant,
};
const traceFields = {
  list_version: z.string(),
  steps: z.array(stepSchema).describe("the rules in their order, and what each said"),
};

/** What would be decided about a plate now or at another time; nothing moves. */
export const previewDecision = operation({
  id: "plategate.decision_preview",
  permission: "lists.write",
  summary: "The decision a plate would get by its lane's rules, with its trace; moves nothing",
  method: "post",
  path: "/api/v1/decisions/preview",
  input: { body: previewSchema },
  replies: {
    200: {
      description: "The decision it would be",
      body: z.object({
        ...resultFields,
        vehicle: z.unknown().describe("the entry that it was taken for, or null"),
        ...traceFields,
      }),
    },
  },
  async handle({ services }, { body: { plate, reads, ...query } }) {
    const sure = Array<{ text: string; confidence: number }>(SURE_READS);
    const decision = await previewOf(services, {
      reads: reads ?? sure.fill({ text: plate ?? "", confidence: 1 }),
      laneId: query.lane_id,
      siteId: query.site_id,
      way: query.way,
      at: query.at ?? Date.now(),
    });
    return json({
      result: decision.result,
      reason: decision.reason,
      plate: decision.plate,
      lane_id: decision.laneId,
      at: new Date(decision.decidedAt).toISOString(),
      vehicle: decision.vehicle,
      list_version: decision.trace.listVersion,
      steps: decision.trace.steps,
    });
  },
});

const storedFields = {
  id: z.string().describe("of the passage"),
  ...resultFields,
  camera_id: z.string().nullable(),
  vehicle_plate: z.string().nullable().describe("of the entry that it was taken for"),
  time_to_open_ms: z.number().nullable(),
};

/** Decisions that were made, newest first. */
export const listDecisions = operation({
  id: "plategate.decisions",
  permission: "events.read",
  lookUp: "event.query",
  summary: "Decisions, newest first",
  method: "get",
  path: "/api/v1/decisions",
  input: {
    query: z.object({
      ...pageFields(),
      result: z.enum(["open", "deny", "review"]).optional(),
      reason: z.enum(REASON_CODES).optional(),
      lane_id: filterText(64),
      plate: filterText(64).describe("any part of it"),
      start_date: rangeInput("start"),
      end_date: rangeInput("end"),
    }),
  },
  replies: { 200: { description: "A page of them", body: pageSchema(z.object(storedFields)) } },
  async handle({ services }, { query }) {
    const { skip, limit } = query;
    const { items, total } = await services.events.list(
      {
        decided: true,
        decision: query.result,
        reason: query.reason,
        laneId: query.lane_id,
        plateContains: query.plate === undefined ? undefined : normalisePlate(query.plate),
        from: query.start_date,
        to: query.end_date,
      },
      { ...NEWEST_FIRST, skip, limit },
    );
    return json({ items: items.map(decisionView), total, skip, limit });
  },
});

/** One decision with what it was made of. */
export const readDecision = operation({
  id: "plategate.decision",
  permission: "events.read",
  lookUp: "event.get",
  summary: "The decision about a passage, with the rules it met",
  method: "get",
  path: "/api/v1/decisions/:id",
  input: { params: z.object({ id: text(128) }) },
  replies: {
    200: {
      description: "The decision",
      body: z.object({
        ...storedFields,
        ...traceFields,
        reads: z.array(z.object({ text: z.string(), confidence: z.number() })),
      }),
    },
  },
  async handle({ services }, { params: { id } }) {
    const event = await services.events.get(id);
    if (!event?.decision) throw ApiError.notFound("There is no decision about such a passage");
    const { trace } = event;
    return json({
      ...decisionView(event),
      list_version: trace?.listVersion ?? "",
      steps: trace?.steps ?? [],
      reads: (trace?.votes ?? []).map(({ text: read, confidence }) => ({ text: read, confidence })),
    });
  },
});

function decisionView(event: StoredEvent): Record<string, unknown> {
  return {
    id: event.id,
    result: event.decision,
    reason: event.reason,
    plate: event.plateText,
    lane_id: event.laneId,
    at: new Date(event.trace?.clock ?? event.timestamp).toISOString(),
    camera_id: event.cameraId,
    vehicle_plate: event.vehiclePlate,
    time_to_open_ms: event.timeToOpenMs,
  };
}
