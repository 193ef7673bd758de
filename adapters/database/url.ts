import { isAbsolute, join, resolve } from "node:path";
import { StoreError } from "../../core/events/errors";
import type { DialectName } from "./types";

export interface DatabaseAddress {
  dialect: DialectName;
  /** A URL, or for SQLite the absolute path of the file. */
  target: string;
  /** For people; the password masked. */
  shown: string;
}

/**
 * Understands DATABASE_URL: `postgresql://`, `postgres://`, `mysql://`, `mariadb://`,
 * `sqlite:` or `file:` with a path (relative to `home`); empty: `plategate.db` in `home`.
 * Rejects anything else with StoreError "invalid".
 */
export function databaseAddress(url: string | undefined, home: string): DatabaseAddress {
  const given = (url ?? "").trim();
  if (given === "") return sqlite("plategate.db", home);
  const scheme = /^([a-z0-9+]+):/i.exec(given)?.[1]?.toLowerCase() ?? "";
  switch (scheme.replace(/\+.*$/, "")) {
    case "sqlite":
    case "file":
      return sqlite(given.replace(/^[a-z0-9+]+:(\/\/)?/i, ""), home);
    case "postgres":
    case "postgresql":
      return server("postgres", given.replace(/^[^:]+/, "postgresql"));
    case "mysql":
    case "mariadb":
      return server("mysql", given.replace(/^[^:]+/, "mysql"));
    default:
      throw new StoreError(
        "invalid",
        "DATABASE_URL must start with sqlite:, postgresql:// or mysql://",
      );
  }
}

function sqlite(path: string, home: string): DatabaseAddress {
  if (path === "" || path === ":memory:" || path.includes("\0")) {
    throw new StoreError("invalid", "DATABASE_URL for SQLite needs the path of a file");
  }
  const target = isAbsolute(path) ? path : join(resolve(home), path);
  return { dialect: "sqlite", target, shown: `sqlite:${target}` };
}

function server(dialect: DialectName, target: string): DatabaseAddress {
  let parsed: URL;
  try {
    parsed = new URL(target);
  } catch {
    throw new StoreError("invalid", "DATABASE_URL is not a valid address");
  }
  if (parsed.password !== "") parsed.password = "***";
  return { dialect, target, shown: parsed.toString() };
}
