import { z } from "zod";
import { withLaneRules } from "../../../core/access/lane-rules";
import type { AccessSettings } from "../../../core/access/types";
import { noteChange } from "../../config/audit";
import { ApiError } from "../../errors";
import { json, operation } from "../../operations";
import { text } from "../../schemas";
import { fromWire, toWire } from "../lists/wire";
import { ruleFields } from "./gates";
import { MAX_LANES, SETTINGS_FORM, settingsSchema } from "./settings";

const path = "/api/v1/settings/access/lanes/:lane_id";
const params = z.object({ lane_id: text(64).min(1) });

/** Sets the rules of one lane, whatever somebody else sets for another meanwhile. */
export const setLaneRules = operation({
  id: "plategate.lane_rules_set",
  permission: "settings.site",
  summary:
    "Set the rules of one lane; what is left out or null is left to its gate and to all lanes",
  method: "put",
  path,
  input: { params, body: z.strictObject(ruleFields) },
  replies: {
    200: { description: "All settings of deciding as they are now", body: settingsSchema },
  },
  async handle(context, { params: { lane_id: laneId }, body }) {
    const rules = fromWire<AccessSettings["rules"]>(body, { times: [], hidden: [] });
    const changed = await context.services.access.changeSettings((before) =>
      limited(withLaneRules(before, laneId, rules)),
    );
    await noteChange(context, "settings.access.lane", `lane:${laneId}`, Object.keys(body));
    return json(toWire(changed, SETTINGS_FORM));
  },
});

/** Takes them back: what the lane's gate and the settings of all lanes say counts again. */
export const removeLaneRules = operation({
  id: "plategate.lane_rules_delete",
  permission: "settings.site",
  summary: "Take the rules of one lane back",
  method: "delete",
  path,
  input: { params },
  replies: { 204: { description: "The lane has no rules of its own" } },
  async handle(context, { params: { lane_id: laneId } }) {
    await context.services.access.changeSettings((before) => withLaneRules(before, laneId, null));
    await noteChange(context, "settings.access.lane_remove", `lane:${laneId}`, []);
    return { status: 204 };
  },
});

function limited(settings: AccessSettings): AccessSettings {
  if (settings.laneRules.length <= MAX_LANES) return settings;
  throw new ApiError(409, "CONFLICT", `At most ${MAX_LANES} lanes have rules of their own`);
}
