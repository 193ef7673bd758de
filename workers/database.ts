import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { Database as LibsqlDatabase, Statement } from "libsql";
import type {
  DatabaseReply,
  DatabaseRequest,
  DatabaseWorkerData,
  SqlStatement,
  StatementResult,
} from "./database-protocol";

/**
 * SQLite off the main thread. libsql is synchronous and each commit waits for the
 * disk, so what has queued up while the last commit was on its way shares the next
 * one (group commit): an answer goes out only after the commit that holds it.
 */

/** At most this many requests share a commit. */
const GROUP_LIMIT = 256;
/** Prepared statements that are kept. */
const STATEMENT_LIMIT = 200;
/** How long to wait for another program that holds the file. */
const BUSY_TIMEOUT_MS = 5_000;

const port = parentPort;
if (!port) throw new Error("the database worker is started as a worker thread");
const { file, readOnly } = workerData as DatabaseWorkerData;
const statements = new Map<string, Statement<unknown[]>>();
const waiting: DatabaseRequest[] = [];
let db: LibsqlDatabase;

const opened = replyTo({ id: 0, op: "run", statements: [] }, () => {
  db = openFile();
  return [];
});
port.on("message", (requests: DatabaseRequest[]) => {
  waiting.push(...requests);
  for (let next = take(); next; next = take()) waiting.push(...next);
  while (waiting.length > 0) serve();
});
post([opened]);

function take(): DatabaseRequest[] | null {
  const got = receiveMessageOnPort(port as never) as { message: DatabaseRequest[] } | undefined;
  return got ? got.message : null;
}

function openFile(): LibsqlDatabase {
  // required here, so that a missing native module is this worker's error alone
  const Libsql = require("libsql") as new (path: string, options: object) => LibsqlDatabase;
  const opened = new Libsql(file, { timeout: BUSY_TIMEOUT_MS });
  for (const pragma of [
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    // what was erased must not stay in free pages of the file
    "secure_delete = ON",
    "cache_size = -16384",
    "mmap_size = 268435456",
    "temp_store = MEMORY",
    ...(readOnly ? ["query_only = ON"] : ["wal_autocheckpoint = 2000"]),
  ]) {
    opened.prepare(`PRAGMA ${pragma}`).all();
  }
  return opened;
}

/** Serves the first waiting request, with as many after it as can share its commit. */
function serve(): void {
  const first = waiting[0];
  if (!first) return;
  const groupable = (r: DatabaseRequest) => r.op === "run" || r.op === "batch";
  if (readOnly || db.inTransaction || !groupable(first)) {
    waiting.shift();
    answer(first, () => single(first));
    return;
  }
  let size = 0;
  while (size < GROUP_LIMIT && size < waiting.length) {
    const request = waiting[size];
    if (!request || !groupable(request)) break;
    size++;
  }
  group(waiting.splice(0, size));
}

function single(request: DatabaseRequest): StatementResult[] {
  switch (request.op) {
    case "begin":
      db.exec("BEGIN IMMEDIATE");
      return [];
    case "commit":
      db.exec("COMMIT");
      return [];
    case "rollback":
      // a full disk may have rolled back already
      if (db.inTransaction) db.exec("ROLLBACK");
      return [];
    case "close":
      statements.clear();
      db.close();
      port?.close();
      return [];
    case "run":
      return request.statements.map(execute);
    case "batch":
      return savepoint(request.statements);
  }
}

/** Runs requests in one transaction; one that fails takes only itself back. */
function group(requests: DatabaseRequest[]): void {
  const replies: DatabaseReply[] = [];
  try {
    db.exec("BEGIN IMMEDIATE");
    for (const request of requests) {
      replies.push(replyTo(request, () => single(request)));
      if (!db.inTransaction) throw new Error("the database ended the transaction");
    }
    db.exec("COMMIT");
  } catch (error) {
    const failed = [...replies].reverse().find((r) => "error" in r);
    if (db.inTransaction) db.exec("ROLLBACK");
    // nothing of the group is on disk: each is told so, those with an error of their own too
    const reason =
      failed && !db.inTransaction && "error" in failed ? failed.error : describe(error);
    post(requests.map(({ id }) => ({ id, error: reason })));
    return;
  }
  post(replies);
}

function savepoint(list: SqlStatement[]): StatementResult[] {
  db.exec("SAVEPOINT one");
  try {
    const results = list.map(execute);
    db.exec("RELEASE one");
    return results;
  } catch (error) {
    if (db.inTransaction) db.exec("ROLLBACK TO one; RELEASE one");
    throw error;
  }
}

function execute({ sql, params }: SqlStatement): StatementResult {
  const statement = prepared(sql);
  if (statement.reader) {
    const rows = statement.all(params) as Record<string, unknown>[];
    return { rows, changes: 0, lastId: 0 };
  }
  const { changes, lastInsertRowid } = statement.run(params);
  return { rows: [], changes, lastId: Number(lastInsertRowid) };
}

function prepared(sql: string): Statement<unknown[]> {
  const known = statements.get(sql);
  if (known) return known;
  const statement = db.prepare(sql) as Statement<unknown[]>;
  if (statements.size >= STATEMENT_LIMIT) {
    const [oldest] = statements.keys();
    if (oldest !== undefined) statements.delete(oldest);
  }
  statements.set(sql, statement);
  return statement;
}

function answer(request: DatabaseRequest, work: () => StatementResult[]): void {
  post([replyTo(request, work)]);
}

function replyTo(request: DatabaseRequest, work: () => StatementResult[]): DatabaseReply {
  try {
    return { id: request.id, results: work() };
  } catch (error) {
    return { id: request.id, error: describe(error) };
  }
}

function describe(error: unknown): { code: string; message: string } {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return {
    code: typeof code === "string" ? code : "SQLITE_ERROR",
    message: typeof message === "string" ? message : String(error),
  };
}

function post(replies: DatabaseReply[]): void {
  port?.postMessage(replies);
}
