/** Reports that were asked for; what became of them. */
export interface ReportsTable {
  id: string;
  name: string;
  kind: string;
  format: string;
  definition_json: string;
  schedule_id: string | null;
  requested_by: string;
  state: string;
  /** 0 to 100. */
  progress: number;
  rows: number | null;
  /** Bytes of the file. */
  size: number | null;
  error: string | null;
  /** The process that makes it. */
  owner: string | null;
  leased_until: number;
  created_at: number;
  finished_at: number | null;
}
