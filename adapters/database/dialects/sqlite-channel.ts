import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { StoreError } from "../../../core/events/errors";
import type {
  DatabaseReply,
  DatabaseRequest,
  DatabaseWorkerData,
  SqlStatement,
  StatementResult,
} from "../../../workers/database-protocol";
import { sqliteError } from "../errors";

interface Pending {
  resolve(results: StatementResult[]): void;
  reject(error: Error): void;
}

/** One worker thread with its connection; requests are answered in order. */
export class SqliteChannel {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private dead: StoreError | null = null;
  private readonly opened: Promise<void>;

  constructor(data: DatabaseWorkerData) {
    this.worker = new Worker(join(__dirname, "../../../workers/database.js"), {
      workerData: data,
      name: data.readOnly ? "plategate-db-read" : "plategate-db-write",
    });
    this.opened = new Promise((resolve, reject) => {
      this.pending.set(0, { resolve: () => resolve(), reject });
    });
    this.opened.catch(() => undefined);
    this.worker.on("message", (reply: DatabaseReply) => this.settle(reply));
    this.worker.on("error", (error) => this.die(sqliteError(error)));
    this.worker.on("exit", () => this.die(new StoreError("closed", "the database is closed")));
  }

  /** Resolves when the file is open. */
  ready(): Promise<void> {
    return this.opened;
  }

  send(op: DatabaseRequest["op"], statements: SqlStatement[] = []): Promise<StatementResult[]> {
    if (this.dead) return Promise.reject(this.dead);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.worker.postMessage({ id, op, statements } satisfies DatabaseRequest);
    });
  }

  /** Requests without an answer yet. */
  waiting(): number {
    return this.pending.size;
  }

  async close(): Promise<void> {
    if (!this.dead) await this.send("close").catch(() => undefined);
    await this.worker.terminate();
  }

  private settle(reply: DatabaseReply): void {
    const waiting = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (!waiting) return;
    if ("error" in reply) waiting.reject(sqliteError(reply.error));
    else waiting.resolve(reply.results);
  }

  private die(error: StoreError): void {
    this.dead ??= error;
    for (const waiting of this.pending.values()) waiting.reject(this.dead);
    this.pending.clear();
  }
}
