import { z } from "zod";
import { setImmediate as nextTurn } from "node:timers/promises";
import { listedCollisions } from "../../../core/access/identify";
import { prepareIndex } from "../../../core/access/index-lists";
import type { AccessRepository } from "../../../core/access/ports";
import type { AccessSettings } from "../../../core/access/types";
import { settingsProblems } from "../../../core/access/validate";
import { actorOf, changeBy } from "../../auth/actor";
import { ApiError } from "../../errors";
import { json, operation } from "../../operations";
import { text } from "../../schemas";
import { ruleFields } from "./gates";
import { checkProblems, fromWire, toWire, type WireForm } from "../lists/wire";

export const SETTINGS_FORM: WireForm<AccessSettings> = { times: [], hidden: [] };
const count = z.number().int().min(0).max(1_000_000).nullable();

/** Most lanes with rules of their own. */
export const MAX_LANES = 500;
const laneRulesSchema = z.strictObject({ lane_id: text(64).min(1), ...ruleFields });

export const settingsSchema = z.strictObject({
  occupancy_limit: count.describe("most known vehicles inside at once"),
  anti_passback: z.enum(["off", "soft", "hard", "timed"]),
  anti_passback_minutes: z.number().min(1).max(10_080),
  holidays: z.array(text(10)).max(1000).describe('"2026-12-24", or "12-25" for each year'),
  confusables: z.array(text(16)).max(100).nullable().describe('"O/0" …; null = the usual pairs'),
  max_confusables: count,
  watch_hits_need_review: z.boolean(),
  rules: z.strictObject(ruleFields).describe("of all lanes, where a gate's node leaves them empty"),
  lane_rules: z
    .array(laneRulesSchema)
    .max(MAX_LANES)
    .describe("of single lanes; they go before the fields of the gate's node"),
});

/** What holds for deciding on all sites. */
export const readSettings = operation({
  id: "plategate.access_settings",
  permission: "events.read",
  summary: "Settings of deciding: occupancy, anti-passback, holidays, look-alikes",
  method: "get",
  path: "/api/v1/settings/access",
  input: {},
  replies: { 200: { description: "The settings", body: settingsSchema } },
  handle: async ({ services }) => json(toWire(await services.access.settings(), SETTINGS_FORM)),
});

const MAX_PAIRS = 100;

const collisionsSchema = z.object({
  total: z.number().int(),
  items: z.array(z.object({ plate: z.string(), other: z.string() })).describe("the first 100"),
});

/** Changes some of them; a gate takes them up at once. */
export const changeSettings = operation({
  id: "plategate.access_settings_update",
  permission: "settings.site",
  summary: "Change settings of deciding (merge patch)",
  method: "patch",
  path: "/api/v1/settings/access",
  input: { body: settingsSchema.partial() },
  replies: {
    200: {
      description:
        "All settings as they are now; where the look-alikes changed, with the plates of the " +
        "lists that some read could not tell apart (it would go to review)",
      body: settingsSchema.extend({ collisions: collisionsSchema.optional() }),
    },
  },
  async handle(context, { body }) {
    const { access, auth } = context.services;
    refuseEnvironment(body.rules);
    const given = fromWire<AccessSettings>(body, SETTINGS_FORM);
    const changed = await access.changeSettings((before) => {
      const next = { ...before, ...given, rules: { ...before.rules, ...given.rules } };
      checkProblems(settingsProblems(next));
      return next;
    });
    const collisions = body.confusables === undefined ? null : await collisionsBy(access);
    const detail = {
      fields: Object.keys(body),
      ...(collisions ? { collisions: collisions.total } : {}),
    };
    await auth.audit(changeBy(actorOf(context), "settings.access", "settings:access", detail));
    return json({ ...toWire(changed, SETTINGS_FORM), ...(collisions ? { collisions } : {}) });
  },
});

/** The collision check of enrolment again, over all that is enrolled already. */
async function collisionsBy(
  access: Pick<AccessRepository, "snapshot">,
): Promise<z.output<typeof collisionsSchema>> {
  const lists = await access.snapshot();
  await prepareIndex(lists, () => nextTurn());
  const { pairs, total } = listedCollisions(lists, MAX_PAIRS);
  return { items: pairs, total };
}
/** What the environment says is not changed here: the next start would bring it back. */
function refuseEnvironment(
  rules: { min_confidence?: number | null | undefined } | undefined,
): void {
  if ((rules?.min_confidence ?? null) === null) return;
  if (!process.env.ALPR_MIN_CONFIDENCE?.trim()) return;
  const message = "is set by ALPR_MIN_CONFIDENCE in the environment";
  throw new ApiError(422, "VALIDATION_ERROR", "The setting cannot be changed here", {
    errors: [{ field: "rules.min_confidence", message }],
  });
}
