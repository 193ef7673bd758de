/** What the page of reports works with. */

export const KINDS = ["passages", "summary"] as const;
export const FORMATS = ["pdf", "xlsx", "csv"] as const;
export const PERIODS = [
  "today",
  "yesterday",
  "last_7_days",
  "last_week",
  "this_month",
  "last_month",
  "custom",
] as const;

export interface Definition {
  name: string;
  kind: (typeof KINDS)[number];
  format: (typeof FORMATS)[number];
  language: string;
  period: (typeof PERIODS)[number];
  start_date: string | null;
  end_date: string | null;
  filter: {
    plate: string | null;
    camera_id: string | null;
    lane_id: string | null;
    decision: string | null;
  };
}

export interface Template extends Definition {
  id: string;
}

export interface Report extends Definition {
  id: string;
  schedule_id: string | null;
  requested_by: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  progress: number;
  rows: number | null;
  size: number | null;
  error: string | null;
  created_at: string;
  file_url: string | null;
}

export interface Schedule {
  id: string;
  name: string;
  enabled: boolean;
  report: Definition;
  every: "day" | "week" | "month";
  at: string;
  weekday: number;
  day: number;
  recipients: string[];
  next_at: string | null;
}

/** A new report, in the language that is shown. */
export function blankReport(language: string): Definition {
  return {
    name: "",
    kind: "summary",
    format: "pdf",
    language,
    period: "last_week",
    start_date: null,
    end_date: null,
    filter: { plate: null, camera_id: null, lane_id: null, decision: null },
  };
}

/** Only what defines a report, of a template, a schedule or an old report. */
export function definitionOf(from: Definition): Definition {
  const { name, kind, format, language, period, start_date, end_date, filter } = from;
  return { name, kind, format, language, period, start_date, end_date, filter: { ...filter } };
}

/** A definition as the API takes it: what was left empty is null. */
export function sendable(definition: Definition): Definition {
  const text = (value: string | null): string | null => value || null;
  const { plate, camera_id, lane_id, decision } = definition.filter;
  const custom = definition.period === "custom";
  return {
    ...definitionOf(definition),
    start_date: custom ? text(definition.start_date) : null,
    end_date: custom ? text(definition.end_date) : null,
    filter: {
      plate: text(plate),
      camera_id: text(camera_id),
      lane_id: text(lane_id),
      decision: text(decision),
    },
  };
}
