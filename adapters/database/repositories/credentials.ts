import type { Compilable } from "kysely";
import type { Database } from "../types";

/** Rows that one statement inserts. */
const CHUNK = 500;

/** Plates that the access-control system should hold, as of the last comparison. */
export class DatabaseCredentials {
  constructor(private readonly database: Database) {}

  async all(): Promise<Set<string>> {
    const rows = await this.database.db.selectFrom("access_credentials").select("plate").execute();
    return new Set(rows.map(({ plate }) => plate));
  }

  /** Puts these in the place of all, or none. */
  async replace(plates: readonly string[], now: number): Promise<void> {
    const { db } = this.database;
    const statements: Compilable[] = [db.deleteFrom("access_credentials")];
    for (let at = 0; at < plates.length; at += CHUNK) {
      const rows = plates.slice(at, at + CHUNK).map((plate) => ({ plate, synced_at: now }));
      statements.push(db.insertInto("access_credentials").values(rows));
    }
    await this.database.batch(statements);
  }
}
