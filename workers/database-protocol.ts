/** What the main thread and the SQLite worker say to each other. */

export type SqlValue = string | number | bigint | null | Uint8Array;

export interface SqlStatement {
  sql: string;
  params: SqlValue[];
}

/**
 * - `run`: one statement on its own, or inside the open transaction
 * - `batch`: several statements, none or all
 * - `begin`, `commit`, `rollback`: a transaction that the main thread leads
 * - `close`: finish and release the file
 */
export interface DatabaseRequest {
  id: number;
  op: "run" | "batch" | "begin" | "commit" | "rollback" | "close";
  statements: SqlStatement[];
}

export interface StatementResult {
  rows: Record<string, unknown>[];
  changes: number;
  lastId: number;
}

export type DatabaseReply =
  | { id: number; results: StatementResult[] }
  | { id: number; error: { code: string; message: string } };

export interface DatabaseWorkerData {
  file: string;
  /** Readers refuse to write. */
  readOnly: boolean;
}
