import { PostgresDialect, type Dialect } from "kysely";
import type { Pool } from "pg";
import { StoreError } from "../../../core/events/errors";
import type { DatabaseOptions } from "../types";

/** Types that pg gives as text though they fit a number: int8 and numeric. */
const AS_NUMBER = new Set([20, 1700]);

/** Opens a pool; connections are made when they are needed. */
export function openPostgres(
  url: string,
  log: DatabaseOptions["log"],
): { dialect: Dialect; pool: Pool } {
  const pg = requirePg();
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    statement_timeout: 60_000,
    application_name: "plategate",
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        AS_NUMBER.has(oid) ? Number : (pg.types.getTypeParser(oid, format) as never),
    },
  });
  // an idle connection that the server ends is no reason to end the program
  pool.on("error", (error) => log("warn", `database connection lost: ${error.message}`));
  // nor is one that ends between two statements of a transaction: the next statement says so
  pool.on("connect", (client) => {
    client.on("error", (error) => log("warn", `database connection lost: ${error.message}`));
  });
  return { dialect: new PostgresDialect({ pool }), pool };
}

function requirePg(): typeof import("pg") {
  try {
    return require("pg") as typeof import("pg");
  } catch (error) {
    throw new StoreError("unavailable", "the package pg is not installed", { cause: error });
  }
}
