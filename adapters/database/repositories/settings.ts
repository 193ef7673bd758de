import type { SettingsRepository } from "../../../core/auth/ports";
import type { Database } from "../types";
import { json, orIgnore, parsed } from "./rows";

/** Named values in the database. */
export class DatabaseSettings implements SettingsRepository {
  constructor(private readonly database: Database) {}

  async get(key: string): Promise<unknown> {
    const row = await this.database.db
      .selectFrom("settings")
      .select("value_json")
      .where("name", "=", key)
      .executeTakeFirst();
    return row ? parsed<unknown>(row.value_json, null) : null;
  }

  async set(key: string, value: unknown, now: number): Promise<void> {
    const { db, dialect } = this.database;
    const row = { name: key, value_json: json(value), updated_at: now };
    await this.database.batch([
      orIgnore(dialect, db.insertInto("settings").values(row)),
      db.updateTable("settings").set(row).where("name", "=", key),
    ]);
  }

  async delete(key: string): Promise<boolean> {
    const result = await this.database.db
      .deleteFrom("settings")
      .where("name", "=", key)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  async all(): Promise<Record<string, unknown>> {
    const rows = await this.database.db.selectFrom("settings").selectAll().execute();
    return Object.fromEntries(
      rows.map(({ name, value_json }) => [name, parsed<unknown>(value_json, null)]),
    );
  }
}
