import type { Selectable } from "kysely";
import type { ApiKey, ApiKeyRepository, PageOf, PageRequest } from "../../../core/auth/ports";
import type { ApiKeysTable } from "../schema";
import type { Database } from "../types";
import { pageOf } from "./pages";
import { json, parsed } from "./rows";

/** API keys in the database: only their hashes. */
export class DatabaseApiKeys implements ApiKeyRepository {
  constructor(private readonly database: Database) {}

  async create(key: ApiKey): Promise<void> {
    await this.database.db
      .insertInto("api_keys")
      .values({
        id: key.id,
        name: key.name,
        key_hash: key.keyHash,
        prefix: key.prefix,
        scopes_json: json(key.scopes),
        created_by: key.createdBy,
        created_at: key.createdAt,
        expires_at: key.expiresAt,
        last_used_at: key.lastUsedAt,
        revoked_at: key.revokedAt,
      })
      .execute();
  }

  get(id: string): Promise<ApiKey | null> {
    return this.one("id", id);
  }

  findByHash(keyHash: string): Promise<ApiKey | null> {
    return this.one("key_hash", keyHash);
  }

  async list(page: PageRequest): Promise<PageOf<ApiKey>> {
    const query = this.database.db.selectFrom("api_keys");
    return pageOf(page, keyOf, {
      count: query.select((eb) => eb.fn.countAll<number>().as("n")),
      rows: query.selectAll().orderBy("created_at").orderBy("id"),
    });
  }

  async touch(id: string, now: number): Promise<void> {
    await this.database.db
      .updateTable("api_keys")
      .set({ last_used_at: now })
      .where("id", "=", id)
      .execute();
  }

  async revoke(id: string, now: number): Promise<boolean> {
    const result = await this.database.db
      .updateTable("api_keys")
      .set({ revoked_at: now })
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  async delete(id: string): Promise<boolean> {
    const result = await this.database.db
      .deleteFrom("api_keys")
      .where("id", "=", id)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  private async one(column: "id" | "key_hash", value: string): Promise<ApiKey | null> {
    const row = await this.database.db
      .selectFrom("api_keys")
      .selectAll()
      .where(column, "=", value)
      .executeTakeFirst();
    return row ? keyOf(row) : null;
  }
}

function keyOf(row: Selectable<ApiKeysTable>): ApiKey {
  return {
    id: row.id,
    name: row.name,
    keyHash: row.key_hash,
    prefix: row.prefix,
    scopes: parsed<string[]>(row.scopes_json, []),
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
