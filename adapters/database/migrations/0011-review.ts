import type { TableSpec } from "./define";

/** What people said of events, and what is counted per month. */
export const review: TableSpec[] = [
  {
    name: "reviews",
    columns: {
      event_id: "id",
      verdict: "short",
      actor: "short",
      notes: "text?",
      reviewed_at: "ms",
    },
    primary: ["event_id"],
    belongsTo: { event_id: "events" },
  },
  {
    name: "usage_counts",
    columns: { month: "short", metric: "id", value: "real", updated_at: "ms" },
    primary: ["month", "metric"],
  },
];
