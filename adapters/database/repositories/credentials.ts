import type { Compilable } from "kysely";
import type { Database } from "../types";
import { orIgnore } from "./rows";

/** Plates that one statement names. */
const CHUNK = 500;

/** Plates that the access-control system was told of and may hold. */
export class DatabaseCredentials {
  constructor(private readonly database: Database) {}

  async all(): Promise<Set<string>> {
    const rows = await this.database.db.selectFrom("access_credentials").select("plate").execute();
    return new Set(rows.map(({ plate }) => plate));
  }

  /** Adds these; those that it holds stay. */
  async add(plates: readonly string[], now: number): Promise<void> {
    const { db, dialect } = this.database;
    await this.inChunks(plates, (some) => {
      const rows = some.map((plate) => ({ plate, synced_at: now }));
      return orIgnore(dialect, db.insertInto("access_credentials").values(rows));
    });
  }

  async remove(plates: readonly string[]): Promise<void> {
    const { db } = this.database;
    await this.inChunks(plates, (some) =>
      db.deleteFrom("access_credentials").where("plate", "in", some),
    );
  }

  private async inChunks(
    plates: readonly string[],
    statement: (some: readonly string[]) => Compilable,
  ): Promise<void> {
    const statements: Compilable[] = [];
    for (let at = 0; at < plates.length; at += CHUNK) {
      statements.push(statement(plates.slice(at, at + CHUNK)));
    }
    if (statements.length > 0) await this.database.batch(statements);
  }
}
