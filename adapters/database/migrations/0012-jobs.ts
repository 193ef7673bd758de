import type { Kysely } from "kysely";
import type { DialectName } from "../types";
import { addColumns, createIndex, createTable, type TableSpec } from "./define";

const jobs: TableSpec = {
  name: "jobs",
  columns: {
    id: "id",
    kind: "short",
    state: "short",
    progress: "real",
    camera_id: "id?",
    file_name: "short?",
    file_path: "text?",
    owns_file: "flag",
    file_bytes: "ms",
    storage: "id",
    params_json: "json",
    checkpoint_json: "json?",
    counts_json: "json",
    problems_json: "json",
    attempts: "int",
    created_by: "short",
    created_at: "ms",
    started_at: "ms?",
    finished_at: "ms?",
    updated_at: "ms",
    worker: "short?",
    lease_until: "ms?",
    cancelling: "flag",
  },
  primary: ["id"],
  indexes: [["state", "created_at"], ["created_at"]],
};

/** Jobs, and which of them an event came from. */
export async function jobsMigration(db: Kysely<unknown>, dialect: DialectName): Promise<void> {
  await createTable(db, dialect, jobs);
  await addColumns(db, dialect, "events", { job_id: "id?" });
  await createIndex(db, "events", ["job_id", "occurred_at"], false);
}
