import { MysqlDialect, type Dialect } from "kysely";
import { createPool, type Pool } from "mysql2";

/** Opens a pool; connections are made when they are needed. */
export function openMysql(url: string): { dialect: Dialect; pool: Pool } {
  const pool = createPool({
    uri: url,
    connectionLimit: 10,
    connectTimeout: 5_000,
    enableKeepAlive: true,
    supportBigNumbers: true,
    decimalNumbers: true,
    charset: "utf8mb4_bin",
    timezone: "Z",
  });
  // as PostgreSQL does: locks on gaps between rows would make writers wait for each other
  pool.on("connection", (connection) => {
    connection.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  });
  return { dialect: new MysqlDialect({ pool }), pool };
}
