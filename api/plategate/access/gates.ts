import { z } from "zod";
import { gates } from "../../../adapters/access/gates";
import { SETTABLE_RULES } from "../../../core/access/types";
import { json, operation } from "../../operations";
import { snake, toWire, type WireForm } from "../lists/wire";

const RULES: WireForm<Record<string, unknown>> = { times: [], hidden: [] };

/** Rules of lanes that can be set, as they travel. */
export const ruleFields = {
  min_confidence: z.number().min(0).max(1).nullish().describe("least confidence to open"),
  min_reads: z.int().min(1).max(100).nullish().describe("reads that must agree"),
  few_reads_confidence: z
    .number()
    .min(0)
    .max(1)
    .nullish()
    .describe("least confidence at the end of a passage in which fewer reads agree"),
  max_age_seconds: z.number().min(0).max(3600).nullish().describe("0 = any age"),
  second_factor: z
    .array(z.enum(["loop", "tag", "pin"]))
    .max(3)
    .nullish()
    .describe("what must come with the plate, any one of them"),
  second_factor_seconds: z.number().min(1).max(300).nullish(),
};

const gateSchema = z.object({
  lane_id: z.string().nullable().describe("null: the lanes of its cameras"),
  site_id: z.string(),
  time_zone: z.string(),
  rules: z.strictObject(ruleFields).describe("as they count now"),
  in_node: z.array(z.string()).describe("rules that its node says itself"),
  in_environment: z.array(z.string()).describe("rules that the environment says"),
});

/** The gates that run here, with the rules that count for them and who says so. */
export const listGates = operation({
  id: "plategate.gates",
  permission: "settings.site",
  summary: "Gates that run here, with the rules that count and where they are set",
  method: "get",
  path: "/api/v1/gates",
  input: {},
  replies: {
    200: {
      description: "All gates",
      body: z.object({ items: z.array(gateSchema), total: z.number().int() }),
    },
  },
  handle() {
    const items = gates.all().map(({ laneId, site, gate }) => {
      const { names, environment } = gate.ownRules();
      const rules = gate.rules(null);
      const fromEnvironment = environment ? ["minConfidence"] : [];
      const own = SETTABLE_RULES.filter((name) => names.includes(name));
      return {
        lane_id: laneId,
        site_id: site.id,
        time_zone: site.timeZone,
        rules: toWire(Object.fromEntries(SETTABLE_RULES.map((name) => [name, rules[name]])), RULES),
        in_node: own.filter((name) => !fromEnvironment.includes(name)).map(snake),
        in_environment: fromEnvironment.map(snake),
      };
    });
    return json({ items, total: items.length });
  },
});
