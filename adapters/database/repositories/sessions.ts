import type { Insertable, Selectable } from "kysely";
import { SESSION_KINDS, type Session, type SessionRepository } from "../../../core/auth/ports";
import type { SessionsTable } from "../schema";
import type { Database } from "../types";

/** Refresh tokens and dashboard logins in the database: only their hashes. */
export class DatabaseSessions implements SessionRepository {
  constructor(private readonly database: Database) {}

  async create(session: Session): Promise<void> {
    await this.database.db.insertInto("sessions").values(rowOf(session)).execute();
  }

  get(id: string): Promise<Session | null> {
    return this.one("id", id);
  }

  findByHash(tokenHash: string): Promise<Session | null> {
    return this.one("token_hash", tokenHash);
  }

  async touch(id: string, now: number): Promise<void> {
    await this.database.db
      .updateTable("sessions")
      .set({ last_used_at: now })
      .where("id", "=", id)
      .execute();
  }

  async isActive(familyId: string, now: number): Promise<boolean> {
    const row = await this.database.db
      .selectFrom("sessions")
      .select("id")
      .where("family_id", "=", familyId)
      .where("revoked_at", "is", null)
      .where("expires_at", ">", now)
      .executeTakeFirst();
    return row !== undefined;
  }

  async listActive(userId: string, now: number): Promise<Session[]> {
    const rows = await this.database.db
      .selectFrom("sessions")
      .selectAll()
      .where("user_id", "=", userId)
      .where("revoked_at", "is", null)
      .where("expires_at", ">", now)
      .orderBy("created_at", "desc")
      .orderBy("id")
      .execute();
    return rows.map(sessionOf);
  }

  async replace(oldId: string, next: Session, now: number): Promise<boolean> {
    // Who comes second finds the row changed, whichever process it asks.
    const result = await this.database.db
      .updateTable("sessions")
      .set({ revoked_at: now, replaced_at: now })
      .where("id", "=", oldId)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (result.numUpdatedRows === 0n) return false;
    await this.create(next);
    return true;
  }

  revokeFamily(familyId: string, now: number): Promise<number> {
    return this.revokeWhere("family_id", familyId, now);
  }

  revokeAll(userId: string, now: number): Promise<number> {
    return this.revokeWhere("user_id", userId, now);
  }

  async purge(before: number): Promise<number> {
    const result = await this.database.db
      .deleteFrom("sessions")
      .where("expires_at", "<", before)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }

  private async revokeWhere(
    column: "family_id" | "user_id",
    value: string,
    now: number,
  ): Promise<number> {
    const result = await this.database.db
      .updateTable("sessions")
      .set({ revoked_at: now })
      .where(column, "=", value)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  private async one(column: "id" | "token_hash", value: string): Promise<Session | null> {
    const row = await this.database.db
      .selectFrom("sessions")
      .selectAll()
      .where(column, "=", value)
      .executeTakeFirst();
    return row ? sessionOf(row) : null;
  }
}

function rowOf(session: Session): Insertable<SessionsTable> {
  return {
    id: session.id,
    family_id: session.familyId,
    user_id: session.userId,
    kind: session.kind,
    token_hash: session.tokenHash,
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    last_used_at: session.lastUsedAt,
    revoked_at: session.revokedAt,
    replaced_at: session.replacedAt,
    address: session.address,
    user_agent: session.userAgent,
  };
}

function sessionOf(row: Selectable<SessionsTable>): Session {
  return {
    id: row.id,
    userId: row.user_id,
    familyId: row.family_id ?? row.id,
    kind: SESSION_KINDS.find((kind) => kind === row.kind) ?? "refresh",
    tokenHash: row.token_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
    replacedAt: row.replaced_at,
    address: row.address,
    userAgent: row.user_agent,
  };
}
