import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { RuleChange } from "../../../core/access/replay";
import { normalisePlate } from "../../../core/plates/normalise";
import { noteChange } from "../../config/audit";
import { ApiError } from "../../errors";
import { pictureLinks, type PictureLink } from "../../events/view";
import { json, operation, type Operation, type OperationContext } from "../../operations";
import { text } from "../../schemas";
import { ruleFields } from "../access/gates";
import { settingsSchema } from "../access/settings";
import { groups, schedules, vehicles, watchEntries } from "../lists/resources";
import { fromWire } from "../lists/wire";
import { passageSchema, passageView } from "../passages";
import { Trial, type TrialDifference } from "./trial";

const DAY_MS = 86_400_000;
/** Trials kept at once, and running at once: each takes a share of the processor. */
const KEPT = 20;
const RUNNING = 2;

const id = text(64).min(1);
const list = <T extends z.ZodType>(entry: T) => z.array(entry).min(1).max(1000).optional();
const changeSchema = z
  .strictObject({
    rules: z.strictObject(ruleFields).optional(),
    settings: settingsSchema.omit({ rules: true, lane_rules: true }).partial().optional(),
    vehicles: list(vehicles.creation),
    groups: list(groups.patch.extend({ id })),
    schedules: list(schedules.patch.extend({ id })),
    watch: list(watchEntries.creation),
    remove: z.array(text(64).min(1)).min(1).max(1000).optional().describe("plates"),
  })
  .refine((change) => Object.keys(change).length > 0, "says nothing");

const bodySchema = z.strictObject({
  days: z.int().min(1).max(90).default(7).describe("how far back"),
  lane_id: id.nullable().default(null).describe("only decisions on this lane"),
  change: changeSchema.describe("entries replace those with the same plate, id or pattern"),
});

const verdict = z.object({ result: z.enum(["open", "deny", "review"]), reason: z.string() });
const trialSchema = z.object({
  id: z.string(),
  state: z.enum(["running", "done", "failed", "cancelled"]),
  total: z.number().int().describe("decisions there are"),
  looked: z.number().int(),
  same: z.number().int(),
  other_reason: z.number().int().describe("the same result for another reason"),
  not_stored: z.number().int().describe("stored with too little to be made again"),
  waits: z
    .number()
    .int()
    .describe("of the changed: the vehicle was in view and might have opened with more reads"),
  changes: z.array(z.object({ was: z.string(), would: z.string(), count: z.number().int() })),
  differences: z
    .array(z.object({ passage: passageSchema, was: verdict, would: verdict, waits: z.boolean() }))
    .describe("the newest of them"),
});

const trials = new Map<string, Trial>();

const startTrial = operation({
  id: "plategate.rule_trials.start",
  permission: "lists.write",
  summary: "Make recorded decisions again by changed rules; nothing is changed",
  method: "post",
  path: "/api/v1/rule_trials",
  input: { body: bodySchema },
  replies: { 202: { description: "It runs", body: trialSchema } },
  async handle(context, { body }) {
    const { services } = context;
    const running = [...trials.values()].filter(({ state }) => state === "running");
    if (running.length >= RUNNING) {
      throw new ApiError(429, "RATE_LIMIT_EXCEEDED", "Other trials run; try again in a while", {
        body: { retry_after_seconds: 10 },
      });
    }
    const to = Date.now();
    const from = to - body.days * DAY_MS;
    const change = changeOf(body.change, services.timeZone);
    const trial = new Trial({ change, laneId: body.lane_id, from, to }, services.events);
    const made = randomUUID();
    trials.set(made, trial);
    for (const old of [...trials.keys()].slice(0, Math.max(0, trials.size - KEPT))) {
      trials.get(old)?.cancel();
      trials.delete(old);
    }
    await noteChange(context, "rules.trial", "rules", Object.keys(body.change));
    return json(view(made, trial, context), 202);
  },
});

const readTrial = operation({
  id: "plategate.rule_trials.get",
  permission: "lists.write",
  lookUp: "event.query",
  summary: "How far a trial of changed rules is, and what came of it",
  method: "get",
  path: "/api/v1/rule_trials/:id",
  input: { params: z.object({ id }) },
  replies: { 200: { description: "The trial", body: trialSchema } },
  handle: (context, { params }) => json(view(params.id, find(params.id), context)),
});

const endTrial = operation({
  id: "plategate.rule_trials.end",
  permission: "lists.write",
  summary: "End a trial of changed rules and forget it",
  method: "delete",
  path: "/api/v1/rule_trials/:id",
  input: { params: z.object({ id }) },
  replies: { 204: { description: "It is forgotten" } },
  handle(_context, { params }) {
    find(params.id).cancel();
    trials.delete(params.id);
    return { status: 204 };
  },
});

/** Recorded rules: what a change would have decided, before it is saved. */
export const trialOperations: Operation[] = [startTrial, readTrial, endTrial];

function find(wanted: string): Trial {
  const trial = trials.get(wanted);
  if (!trial) throw ApiError.notFound("There is no such trial (any more)");
  return trial;
}

/** The change in the domain's words. */
function changeOf(given: z.output<typeof changeSchema>, timeZone: string): RuleChange {
  const plain = { times: [], hidden: [] };
  const change: Record<string, unknown> = {};
  const put = (name: keyof RuleChange, value: unknown): void => {
    if (value !== undefined) change[name] = value;
  };
  // A rule that is null falls back to what counted at the time.
  const rules = given.rules && Object.entries(fromWire(given.rules, plain));
  put("rules", rules && Object.fromEntries(rules.filter(([, value]) => value !== null)));
  put("settings", given.settings && fromWire(given.settings, plain));
  put(
    "vehicles",
    given.vehicles?.map((entry) => {
      const { plate = "", ...rest } = fromWire(entry, vehicles.form, timeZone);
      return { ...rest, plate: normalisePlate(plate) };
    }),
  );
  put(
    "groups",
    given.groups?.map((entry) => fromWire(entry, groups.form, timeZone)),
  );
  put(
    "schedules",
    given.schedules?.map((entry) => fromWire(entry, schedules.form, timeZone)),
  );
  put(
    "watch",
    given.watch?.map((entry) => fromWire(entry, watchEntries.form, timeZone)),
  );
  put("remove", given.remove);
  return change;
}

function view(trialId: string, trial: Trial, { request, services }: OperationContext): object {
  const { counts, state, total } = trial;
  const link = pictureLinks(request, services.links);
  return {
    id: trialId,
    state,
    total,
    looked: counts.looked,
    same: counts.same,
    other_reason: counts.otherReason,
    not_stored: counts.notStored,
    waits: counts.waits,
    changes: [...counts.changes].map(([key, count]) => {
      const [was = "", would = ""] = key.split(" ");
      return { was, would, count };
    }),
    differences:
      state === "running" ? [] : trial.differences.map((one) => differenceView(one, link)),
  };
}

function differenceView({ event, was, would, waits }: TrialDifference, link: PictureLink): object {
  return { passage: passageView(event, link), was, would, waits };
}
