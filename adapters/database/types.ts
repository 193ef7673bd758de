import type { Compilable, Kysely, Transaction } from "kysely";
import type { ComponentHealth } from "../../core/events/ports";
import type { Schema } from "./schema";

export type DialectName = "sqlite" | "postgres" | "mysql";

export interface DatabaseOptions {
  /** DATABASE_URL; absent or empty: SQLite in `home`. */
  url?: string | undefined;
  /** PLATEGATE_HOME: the folder of the SQLite file. */
  home: string;
  log: (level: "info" | "warn" | "error", message: string) => void;
}

/** An open database with its tables brought up to date. */
export interface Database {
  db: Kysely<Schema>;
  dialect: DialectName;
  /** The address for people, its password masked. */
  shownUrl: string;
  /**
   * Runs statements in one transaction, none or all of them. On SQLite, batches
   * that arrive together share one commit to disk.
   * @returns rows affected, a number per statement
   */
  batch(queries: Compilable[]): Promise<number[]>;
  /**
   * Does work in one transaction; tried again where the server ended it for a deadlock,
   * so the work must be one that can be done again.
   */
  transaction<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  health(): Promise<ComponentHealth>;
  close(): Promise<void>;
}
