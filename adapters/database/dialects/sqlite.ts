import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
} from "kysely";
import { StoreError } from "../../../core/events/errors";
import type { SqlStatement, SqlValue, StatementResult } from "../../../workers/database-protocol";
import { TransactionGate } from "./gate";
import { SqliteChannel } from "./sqlite-channel";

/**
 * SQLite on three worker threads: one connection writes, two read beside it
 * (write-ahead log: readers and the writer do not wait for each other).
 */
export class SqliteDriver implements Driver {
  private readonly gate = new TransactionGate();
  private waiting = 0;

  private constructor(
    private readonly writer: SqliteChannel,
    private readonly readers: SqliteChannel[],
  ) {}

  /** Opens the file; rejects with a StoreError where that is not possible. */
  static async open(file: string): Promise<SqliteDriver> {
    const opened: SqliteChannel[] = [];
    const open = async (readOnly: boolean) => {
      const channel = new SqliteChannel({ file, readOnly });
      opened.push(channel);
      await channel.ready();
      return channel;
    };
    try {
      // one after the other: the first turns the write-ahead log on
      return new SqliteDriver(await open(false), [await open(true), await open(true)]);
    } catch (error) {
      await Promise.all(opened.map((channel) => channel.close()));
      throw error;
    }
  }

  /** Statements that wait for an answer. */
  pending(): number {
    return this.waiting;
  }

  async init(): Promise<void> {
    await this.writer.ready();
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(new SqliteConnection(this));
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const leave = await this.gate.alone();
    try {
      await this.writer.send("begin");
    } catch (error) {
      leave();
      throw error;
    }
    (connection as SqliteConnection).leave = leave;
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.end(connection as SqliteConnection, "commit");
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return this.end(connection as SqliteConnection, "rollback");
  }

  releaseConnection(): Promise<void> {
    return Promise.resolve();
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.readers, this.writer].map((channel) => channel.close()));
  }

  /** Runs statements, none or all; may share its commit with others. */
  async batch(statements: SqlStatement[]): Promise<StatementResult[]> {
    const leave = await this.gate.together();
    try {
      return await this.counted(this.writer.send("batch", statements));
    } finally {
      leave();
    }
  }

  /** @internal one statement of a connection */
  async run(
    statement: SqlStatement,
    how: { reads: boolean; inTransaction: boolean },
  ): Promise<StatementResult> {
    if (how.inTransaction) return this.first(this.writer.send("run", [statement]));
    if (how.reads) return this.first(this.idlest().send("run", [statement]));
    const leave = await this.gate.together();
    try {
      return await this.first(this.writer.send("run", [statement]));
    } finally {
      leave();
    }
  }

  /** A long count must not hold up every list. */
  private idlest(): SqliteChannel {
    const [first = this.writer, ...others] = this.readers;
    return others.reduce((a, b) => (b.waiting() < a.waiting() ? b : a), first);
  }

  private async end(connection: SqliteConnection, op: "commit" | "rollback"): Promise<void> {
    const leave = connection.leave;
    connection.leave = null;
    try {
      await this.writer.send(op);
    } catch (error) {
      if (op === "commit") await this.writer.send("rollback").catch(() => undefined);
      throw error;
    } finally {
      leave?.();
    }
  }

  private async first(answer: Promise<StatementResult[]>): Promise<StatementResult> {
    const [result] = await this.counted(answer);
    return result ?? { rows: [], changes: 0, lastId: 0 };
  }

  private async counted<T>(answer: Promise<T>): Promise<T> {
    this.waiting++;
    try {
      return await answer;
    } finally {
      this.waiting--;
    }
  }
}

class SqliteConnection implements DatabaseConnection {
  /** Set while this connection leads a transaction. */
  leave: (() => void) | null = null;

  constructor(private readonly driver: SqliteDriver) {}

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result = await this.driver.run(statementOf(query), {
      reads: query.query.kind === "SelectQueryNode" || /^\s*select\b/i.test(query.sql),
      inTransaction: this.leave !== null,
    });
    return {
      rows: result.rows as R[],
      numAffectedRows: BigInt(result.changes),
      insertId: BigInt(result.lastId),
    };
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new StoreError("invalid", "read long lists page by page");
  }
}

/** A compiled query for the worker. libsql ends the process on a value it does not know. */
export function statementOf(query: CompiledQuery): SqlStatement {
  return { sql: query.sql, params: query.parameters.map(sqlValue) };
}

function sqlValue(value: unknown): SqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string" || typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Buffer.isBuffer(value)) return value;
  throw new StoreError("invalid", `a value of type ${typeof value} cannot be stored`);
}

export function sqliteDialect(driver: SqliteDriver): Dialect {
  return {
    createDriver: () => driver,
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
  };
}
