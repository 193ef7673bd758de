import { z } from "zod";
import {
  EVERY,
  PERIODS,
  REPORT_FORMATS,
  REPORT_KINDS,
  REPORT_LANGUAGES,
  REPORT_STATES,
  type Report,
  type ReportDefinition,
} from "../../../core/reports/types";
import { nameSchema, whole } from "../../config/schemas";
import type { FieldError } from "../../errors";
import { instant, text, timeInput } from "../../schemas";

/** An instant that stays as it was given, so that what is stored can be given again. */
const when = z.iso
  .datetime({ offset: true })
  .refine((given) => timeInput.safeParse(given).success, "must be between 1970 and 9999")
  .nullable()
  .default(null);

const filterFields = {
  plate: text(64)
    .nullable()
    .default(null)
    .describe("a part of the plate, or a pattern with * and ?"),
  camera_id: text(128).nullable().default(null),
  lane_id: text(128).nullable().default(null),
  decision: z.enum(["open", "deny", "review"]).nullable().default(null),
};
const NO_FILTER = { plate: null, camera_id: null, lane_id: null, decision: null };

export const definitionFields = {
  name: nameSchema,
  kind: z.enum(REPORT_KINDS).default("passages").describe("every passage, or figures"),
  format: z.enum(REPORT_FORMATS).default("pdf"),
  language: z.enum(REPORT_LANGUAGES).default("en"),
  period: z.enum(PERIODS).default("yesterday").describe("days of the site's clock"),
  start_date: when.describe("of the period custom"),
  end_date: when.describe("of the period custom; null: until the report is made"),
  filter: z.object(filterFields).default(NO_FILTER),
};
export const definitionSchema = z.object(definitionFields);

/** What a definition's schema cannot see. @param at of the definition within the body */
export function definitionErrors(definition: ReportDefinition, at = ""): FieldError[] {
  const { period, start_date: start, end_date: end } = definition;
  if (period !== "custom") return [];
  if (start === null) return [{ field: `${at}start_date`, message: "start_date is required" }];
  if (end !== null && Date.parse(end) < Date.parse(start)) {
    return [{ field: `${at}end_date`, message: "end_date is before start_date" }];
  }
  return [];
}

export const templateReply = definitionSchema.extend({
  id: z.string(),
  created_at: instant,
  updated_at: instant,
});

export const scheduleFields = {
  name: nameSchema,
  enabled: z.boolean().default(true),
  report: definitionSchema,
  every: z.enum(EVERY).default("day"),
  at: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be "HH:MM"')
    .default("06:00")
    .describe("on the site's clock"),
  weekday: whole(1, 7).default(1).describe("of week: Monday = 1"),
  day: whole(1, 31).default(1).describe("of month; its last day where it is shorter"),
  recipients: z.array(z.email("is no address")).max(50).default([]),
};

export const scheduleReply = z.object(scheduleFields).extend({
  id: z.string(),
  next_at: instant.nullable().describe("null where it is turned off"),
  created_at: instant,
  updated_at: instant,
});

export const reportReply = z.object({
  id: z.string(),
  ...definitionSchema.shape,
  schedule_id: z.string().nullable(),
  requested_by: z.string(),
  state: z.enum(REPORT_STATES),
  progress: z.number().int().describe("per cent"),
  rows: z.number().int().nullable().describe("lines"),
  size: z.number().int().nullable().describe("bytes of the file"),
  error: z.string().nullable(),
  created_at: instant,
  finished_at: instant.nullable(),
  file_url: z.string().nullable().describe("null until it is done"),
});

export function reportView(report: Report): z.output<typeof reportReply> {
  const { id, definition, state, finishedAt } = report;
  return {
    id,
    ...definition,
    schedule_id: report.scheduleId,
    requested_by: report.requestedBy,
    state,
    progress: report.progress,
    rows: report.rows,
    size: report.size,
    error: report.error,
    created_at: new Date(report.createdAt).toISOString(),
    finished_at: finishedAt === null ? null : new Date(finishedAt).toISOString(),
    file_url: state === "done" ? `/api/v1/reports/${id}/file` : null,
  };
}
