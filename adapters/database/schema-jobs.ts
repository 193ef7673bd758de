/** Rows of jobs; see schema.ts for times, flags and JSON columns. */
export interface JobsTable {
  id: string;
  kind: string;
  state: string;
  progress: number;
  camera_id: string | null;
  file_name: string | null;
  file_path: string | null;
  owns_file: number;
  file_bytes: number;
  storage: string;
  params_json: string;
  checkpoint_json: string | null;
  counts_json: string;
  problems_json: string;
  attempts: number;
  created_by: string;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  updated_at: number;
  worker: string | null;
  lease_until: number | null;
  cancelling: number;
}
