import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Kysely, Migrator, sql, type Compilable, type Dialect, type Transaction } from "kysely";
import { StoreError } from "../../core/events/errors";
import type { ComponentHealth } from "../../core/events/ports";
import { openMysql } from "./dialects/mysql";
import { openPostgres } from "./dialects/postgres";
import { SqliteDriver, sqliteDialect, statementOf } from "./dialects/sqlite";
import { translated } from "./dialects/translated";
import { systemError, mysqlError, postgresError, sqliteError } from "./errors";
import { migrations } from "./migrations";
import type { Schema } from "./schema";
import type { Database, DatabaseOptions, DialectName } from "./types";
import { databaseAddress, type DatabaseAddress } from "./url";
import { statementWatch } from "./watch";

/** How long /healthz waits for an answer. */
const HEALTH_TIMEOUT_MS = 5_000;

/** How often a transaction is tried that a server ends because of a deadlock. */
const ATTEMPTS = 5;

interface Backend {
  dialect: Dialect;
  /** Runs compiled statements, none or all; absent: in a transaction of Kysely's. */
  batch?: (queries: Compilable[]) => Promise<number[]>;
  details(): ComponentHealth["details"];
}

/**
 * Opens the database that `url` names and brings its tables up to date.
 * Rejects with a StoreError: "invalid" for an address that cannot be, "unavailable"
 * where the server or file does not answer.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const address = databaseAddress(options.url, options.home);
  const backend = await openBackend(address, options);
  const watch = statementWatch(options.log);
  const db = new Kysely<Schema>({ dialect: backend.dialect, log: watch.log });
  try {
    await migrate(db, address.dialect, options.log);
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw storeError(address.dialect, error);
  }
  return {
    db,
    dialect: address.dialect,
    shownUrl: address.shown,
    batch: async (queries) => {
      const started = performance.now();
      try {
        return await runBatch(db, backend, address.dialect, queries);
      } finally {
        watch.batch(queries.length, performance.now() - started);
      }
    },
    transaction: (work) => inTransaction(db, address.dialect, work),
    health: () => health(db, backend, address),
    close: () => db.destroy(),
  };
}

/** Any error of a driver as a StoreError. */
export function storeError(dialect: DialectName, error: unknown): StoreError {
  const translate = { sqlite: sqliteError, postgres: postgresError, mysql: mysqlError };
  return translate[dialect](error);
}

async function openBackend(address: DatabaseAddress, options: DatabaseOptions): Promise<Backend> {
  if (address.dialect === "postgres") {
    const { dialect, pool } = openPostgres(address.target, options.log);
    return {
      dialect: translated(dialect, postgresError),
      details: () => ({
        connections_active: pool.totalCount - pool.idleCount,
        connections_max: pool.options.max,
        waiting: pool.waitingCount,
      }),
    };
  }
  if (address.dialect === "mysql") {
    const { dialect, pool } = openMysql(address.target);
    return {
      dialect: translated(dialect, mysqlError),
      details: () => ({ connections_max: pool.config.connectionLimit ?? null }),
    };
  }
  try {
    await mkdir(dirname(address.target), { recursive: true });
  } catch (error) {
    throw systemError(error);
  }
  const driver = await SqliteDriver.open(address.target);
  return {
    dialect: sqliteDialect(driver),
    batch: async (queries) => {
      const results = await driver.batch(queries.map((query) => statementOf(query.compile())));
      return results.map((result) => result.changes);
    },
    details: () => ({ connections_active: 3, connections_max: 3, waiting: driver.pending() }),
  };
}

async function migrate(
  db: Kysely<Schema>,
  dialect: DialectName,
  log: DatabaseOptions["log"],
): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: migrations(dialect),
    // they stand on their own: one with a lower number may come later from a side branch
    allowUnorderedMigrations: true,
  });
  const { error, results } = await migrator.migrateToLatest();
  for (const { migrationName, status } of results ?? []) {
    if (status === "Success") log("info", `database migrated: ${migrationName}`);
    else if (status === "Error") log("error", `database migration failed: ${migrationName}`);
  }
  if (error) throw error as Error;
}

async function runBatch(
  db: Kysely<Schema>,
  backend: Backend,
  dialect: DialectName,
  queries: Compilable[],
): Promise<number[]> {
  if (queries.length === 0) return [];
  if (!backend.batch) return inTransaction(db, dialect, (t) => executed(t, queries));
  try {
    return await backend.batch(queries);
  } catch (error) {
    throw storeError(dialect, error);
  }
}

/** Does work in a transaction; again where a server ended it, having done nothing, for a deadlock. */
async function inTransaction<T>(
  db: Kysely<Schema>,
  dialect: DialectName,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      const deadlock = error instanceof StoreError && error.code === "busy";
      if (dialect === "sqlite" || !deadlock || attempt === ATTEMPTS) throw error;
    }
  }
}

async function executed(transaction: Transaction<Schema>, queries: Compilable[]) {
  const counts: number[] = [];
  for (const query of queries) {
    const result = await transaction.executeQuery(query.compile());
    counts.push(Number(result.numAffectedRows ?? 0));
  }
  return counts;
}

async function health(
  db: Kysely<Schema>,
  backend: Backend,
  address: DatabaseAddress,
): Promise<ComponentHealth> {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let error: string | null = null;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new StoreError("unavailable", "no answer in time")),
        HEALTH_TIMEOUT_MS,
      );
    });
    await Promise.race([sql`select 1`.execute(db), late]);
  } catch (thrown) {
    error = storeError(address.dialect, thrown).message;
  } finally {
    clearTimeout(timer);
  }
  return {
    status: error === null ? "healthy" : "unhealthy",
    responseTimeMs: Math.round(performance.now() - start),
    error,
    details: { dialect: address.dialect, ...backend.details() },
  };
}
