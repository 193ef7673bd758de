import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import type { Compilable } from "kysely";
import type { Database } from "../types";
import { json, orIgnore, parsed } from "./rows";

const NAME = "access.version";

/**
 * Names the content of the lists. Each change writes a new name in its own
 * transaction, so that every process on the database notices.
 */
export class ListVersion {
  private readonly changes = new EventEmitter();

  constructor(private readonly database: Database) {
    this.changes.setMaxListeners(0);
  }

  async current(): Promise<string> {
    const row = await this.database.db
      .selectFrom("settings")
      .select("value_json")
      .where("name", "=", NAME)
      .executeTakeFirst();
    return row ? parsed<string>(row.value_json, "0") : "0";
  }

  /** Runs the statements of a change with a new version, none or all, and tells listeners. */
  async commit(queries: Compilable[]): Promise<number[]> {
    const counts = await this.database.batch([...queries, ...this.raise()]);
    this.announce();
    return counts;
  }

  /** The statements that write a new version. */
  raise(): Compilable[] {
    const { db, dialect } = this.database;
    const now = Date.now();
    const version = `${now.toString(36)}-${randomUUID().slice(0, 8)}`;
    const row = { name: NAME, value_json: json(version), updated_at: now };
    return [
      orIgnore(dialect, db.insertInto("settings").values(row)),
      db.updateTable("settings").set(row).where("name", "=", NAME),
    ];
  }

  announce(): void {
    this.changes.emit("change");
  }

  onChange(listener: () => void): () => void {
    this.changes.on("change", listener);
    return () => this.changes.off("change", listener);
  }
}
