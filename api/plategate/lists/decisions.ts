import { z } from "zod";
import { decide } from "../../../core/access/decide";
import { previewAccepted } from "../../../core/access/identify";
import { DEFAULT_LANE_RULES } from "../../../core/access/types";
import type { Passage } from "../../../core/messages";
import { normalisePlate } from "../../../core/plates/normalise";
import { ApiError } from "../../errors";
import { json, operation } from "../../operations";
import { instant, text } from "../../schemas";

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

const previewSchema = z.object({
  plate: text(64).min(1),
  lane_id: text(64).nullable().default(null),
  site_id: text(64).default("site"),
  way: z.enum(["entry", "exit"]).nullable().default(null),
  at: z.iso.datetime({ offset: true }).optional(),
});

const decisionSchema = z.object({
  result: z.enum(["open", "deny", "review"]),
  reason: z.string(),
  plate: z.string(),
  vehicle: z.unknown().describe("the entry that it was taken for, or null"),
  at: instant,
  list_version: z.string(),
  steps: z.array(z.unknown()).describe("the rules in their order, and what each said"),
});

/** What would be decided about a plate now or at another time; nothing moves. */
export const previewDecision = operation({
  id: "plategate.decision_preview",
  permission: "lists.write",
  summary: "The decision a plate would get, with its trace; moves nothing",
  method: "post",
  path: "/api/v1/decisions/preview",
  input: { body: previewSchema },
  replies: { 200: { description: "The decision it would be", body: decisionSchema } },
  async handle({ services }, { body: query }) {
    const clock = query.at ? Date.parse(query.at) : Date.now();
    const [lists, state] = await Promise.all([
      services.access.snapshot(),
      services.access.state(query.site_id),
    ]);
    const { decision } = decide(surePassage(query.plate, query.lane_id, clock), lists, state, {
      laneId: query.lane_id,
      way: query.way,
      clock,
      site: { id: query.site_id, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
      rules: DEFAULT_LANE_RULES,
    });
    return json({
      result: decision.result,
      reason: decision.reason,
      plate: decision.plate,
      vehicle: decision.vehicle,
      at: new Date(clock).toISOString(),
      list_version: decision.trace.listVersion,
      steps: decision.trace.steps,
    });
  },
});

/** A passage as if the plate had been read beyond doubt. */
function surePassage(plate: string, laneId: string | null, clock: number): Passage {
  const text = normalisePlate(plate);
  return {
    id: "preview",
    cameraId: "preview",
    laneId,
    state: "final",
    revision: 1,
    text,
    confidence: 1,
    characters: [...text].map((char) => ({ char, confidence: 1, alternatives: [] })),
    region: null,
    reads: DEFAULT_LANE_RULES.minReads,
    votes: [],
    direction: "unknown",
    firstSeen: clock,
    lastSeen: clock,
    firstReadable: clock,
    best: null,
    images: { frame: null, crop: null },
  };
}
