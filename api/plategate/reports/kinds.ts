import { z } from "zod";
import { nextDue } from "../../../core/reports/times";
import type { ConfigKind } from "../../config/kind";
import {
  definitionErrors,
  definitionSchema,
  scheduleFields,
  scheduleReply,
  templateReply,
} from "./schemas";

/** `/api/v1/report_templates`: definitions that are kept to be used again. */
export const templateKind: ConfigKind<"report_templates"> = {
  kind: "report_templates",
  dialect: "plategate",
  path: "/api/v1/report_templates",
  one: "template",
  method: "patch",
  rights: { read: "analytics", create: "analytics", update: "analytics", remove: "analytics" },
  body: definitionSchema,
  reply: templateReply,
  query: z.object({}),
  filter: () => ({}),
  view: ({ fields }) => ({ ...fields }),
  check: (fields) => definitionErrors(fields),
};

/** `/api/v1/report_schedules`: reports that are made and mailed again and again. */
export function scheduleKind(): ConfigKind<"report_schedules"> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return {
    kind: "report_schedules",
    dialect: "plategate",
    path: "/api/v1/report_schedules",
    one: "schedule",
    method: "patch",
    rights: {
      read: "analytics",
      create: "lists.write",
      update: "lists.write",
      remove: "lists.write",
    },
    body: z.object(scheduleFields),
    reply: scheduleReply,
    query: z.object({}),
    filter: () => ({}),
    view: ({ fields }) => ({
      ...fields,
      next_at: fields.enabled
        ? new Date(nextDue(fields, Date.now(), timeZone)).toISOString()
        : null,
    }),
    check: ({ report }) => definitionErrors(report, "report."),
  };
}
