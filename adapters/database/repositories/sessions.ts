import type { Selectable } from "kysely";
import type { Session, SessionRepository } from "../../../core/auth/ports";
import type { SessionsTable } from "../schema";
import type { Database } from "../types";

/** Refresh tokens and dashboard logins in the database: only their hashes. */
export class DatabaseSessions implements SessionRepository {
  constructor(private readonly database: Database) {}

  async create(session: Session): Promise<void> {
    await this.database.db
      .insertInto("sessions")
      .values({
        id: session.id,
        user_id: session.userId,
        kind: session.kind,
        token_hash: session.tokenHash,
        created_at: session.createdAt,
        expires_at: session.expiresAt,
        last_used_at: session.lastUsedAt,
        revoked_at: session.revokedAt,
        address: session.address,
        user_agent: session.userAgent,
      })
      .execute();
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

  async revoke(id: string, now: number): Promise<boolean> {
    return (await this.revokeWhere("id", id, now)) > 0;
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

  private async revokeWhere(column: "id" | "user_id", value: string, now: number): Promise<number> {
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

function sessionOf(row: Selectable<SessionsTable>): Session {
  return {
    id: row.id,
    userId: row.user_id,
    kind: row.kind === "dashboard" ? "dashboard" : "refresh",
    tokenHash: row.token_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
    address: row.address,
    userAgent: row.user_agent,
  };
}
