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
  private outgoing: DatabaseRequest[] = [];
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
    this.worker.on("message", (replies: DatabaseReply[]) => {
      for (const reply of replies) this.settle(reply);
    });
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
      const busy = this.pending.size > 0;
      this.pending.set(id, { resolve, reject });
      this.outgoing.push({ id, op, statements });
      // A worker that is busy anyway gets what comes in this turn in one message: waking it
      // for each costs more than all else of a small write.
      if (!busy) this.flush();
      else if (this.outgoing.length === 1) setImmediate(() => this.flush());
    });
  }

  /** Requests without an answer yet. */
  waiting(): number {
    return this.pending.size;
  }

  /** Answers what was sent before. What comes after is refused: a closed file must not be asked. */
  async close(): Promise<void> {
    if (!this.dead) {
      const closed = this.send("close");
      this.dead = new StoreError("closed", "the database is closed");
      await closed.catch(() => undefined);
    }
    await this.worker.terminate();
  }

  private flush(): void {
    if (this.outgoing.length === 0) return;
    this.worker.postMessage(this.outgoing);
    this.outgoing = [];
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
