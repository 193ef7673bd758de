/** What people said of events, and what is counted per month; see schema.ts for times. */
/** What a person said of an event. */
export interface ReviewsTable {
  event_id: string;
  verdict: string;
  actor: string;
  notes: string | null;
  reviewed_at: number;
}

/** What is counted for a licence, per month ("2026-11"). */
export interface UsageCountsTable {
  month: string;
  metric: string;
  value: number;
  updated_at: number;
}
