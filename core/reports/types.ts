import type { DecisionResult } from "../messages";

/** What a report is of: every passage as a line, or figures. */
export const REPORT_KINDS = ["passages", "summary"] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

export const REPORT_FORMATS = ["pdf", "xlsx", "csv"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export const REPORT_LANGUAGES = ["en", "th"] as const;
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];

/** Times that move with the day on which the report is made; days of the site's clock. */
export const PERIODS = [
  "today",
  "yesterday",
  "last_7_days",
  "last_week",
  "this_month",
  "last_month",
  "custom",
] as const;
export type Period = (typeof PERIODS)[number];

/** Which passages; null: all. */
export interface ReportFilter {
  /** A part of the plate, or a pattern with * and ?. */
  plate: string | null;
  camera_id: string | null;
  lane_id: string | null;
  decision: DecisionResult | null;
}

/** What a report says, as it travels and is stored; also a template's fields. */
export interface ReportDefinition {
  name: string;
  kind: ReportKind;
  format: ReportFormat;
  language: ReportLanguage;
  period: Period;
  /** Of "custom": ISO 8601, both inclusive. */
  start_date: string | null;
  end_date: string | null;
  filter: ReportFilter;
}

export const EVERY = ["day", "week", "month"] as const;

/** A report that is made again and again, and sent. */
export interface ReportScheduleFields {
  name: string;
  enabled: boolean;
  report: ReportDefinition;
  every: (typeof EVERY)[number];
  /** "HH:MM" on the site's clock. */
  at: string;
  /** Of "week": Monday = 1 … Sunday = 7. */
  weekday: number;
  /** Of "month"; the last day where the month is shorter. */
  day: number;
  /** Addresses that the report is sent to. */
  recipients: string[];
}

export const REPORT_STATES = ["queued", "running", "done", "failed", "cancelled"] as const;
export type ReportState = (typeof REPORT_STATES)[number];

/** A report that was asked for. Times: ms since the epoch. */
export interface Report {
  id: string;
  definition: ReportDefinition;
  scheduleId: string | null;
  requestedBy: string;
  state: ReportState;
  /** 0 to 100. */
  progress: number;
  /** Lines of passages. */
  rows: number | null;
  /** Bytes of the file; null while there is none. */
  size: number | null;
  error: string | null;
  createdAt: number;
  /** What its period counts from: the time of its schedule, else when it was asked for. */
  asOf: number;
  finishedAt: number | null;
}

/** Name of the setting with the days that finished reports are kept. */
export const REPORT_DAYS_SETTING = "retention.report_days";
const REPORT_DAYS = 30;

/** How long reports are kept; what is no number of days from 1 to 3,650 counts as the default. */
export function reportDays(value: unknown): number {
  return typeof value === "number" && value >= 1 && value <= 3650 ? value : REPORT_DAYS;
}
