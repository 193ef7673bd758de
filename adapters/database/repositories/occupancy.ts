import type { Transaction } from "kysely";
import type { Presence, StateChange } from "../../../core/access/types";
import type { Schema } from "../schema";
import type { Database } from "../types";
import { presenceOf, presenceRow } from "./access-rows";
import { orIgnore } from "./rows";

/** Who is inside, and how often passes were used. */
export class DatabaseOccupancy {
  constructor(private readonly database: Database) {}

  async presences(siteId: string): Promise<Map<string, Presence>> {
    const rows = await this.database.db
      .selectFrom("occupancy")
      .selectAll()
      .where("site_id", "=", siteId)
      .execute();
    return new Map(rows.map((row) => [row.subject, presenceOf(row)]));
  }

  async passUses(): Promise<Map<string, number>> {
    const rows = await this.database.db
      .selectFrom("visitor_passes")
      .select(["id", "used"])
      .where("used", ">", 0)
      .execute();
    return new Map(rows.map(({ id, used }) => [id, used]));
  }

  /** All or none; a passage uses a pass once. */
  async apply(changes: readonly StateChange[]): Promise<void> {
    if (changes.length === 0) return;
    await this.database.db.transaction().execute(async (transaction) => {
      for (const change of changes) {
        if (change.type === "presence") {
          await this.setPresence(transaction, change.siteId, change.presence);
        } else await this.usePass(transaction, change.passId, change.passageId);
      }
    });
  }

  /** Takes back what {@link apply} changed, unless something newer stands there. */
  async undo(changes: readonly StateChange[]): Promise<void> {
    if (changes.length === 0) return;
    await this.database.db.transaction().execute(async (transaction) => {
      for (const change of changes) {
        if (change.type === "use_pass") {
          await this.giveBackUse(transaction, change.passId, change.passageId);
        } else if (await this.takeBack(transaction, change.siteId, change.presence)) {
          if (change.before) await this.setPresence(transaction, change.siteId, change.before);
        }
      }
    });
  }

  /** @returns how many were inside */
  reset(siteId: string, groupId: string | null): Promise<number> {
    return this.database.db.transaction().execute(async (transaction) => {
      const all = await transaction
        .selectFrom("occupancy")
        .selectAll()
        .where("site_id", "=", siteId)
        .execute();
      const concerned = all
        .map(presenceOf)
        .filter(({ groups }) => groupId === null || groups.includes(groupId));
      for (const presence of concerned) {
        const reset = { ...presence, inside: false, at: null };
        await this.setPresence(transaction, siteId, reset);
      }
      return concerned.filter((presence) => presence.inside).length;
    });
  }

  private async setPresence(
    transaction: Transaction<Schema>,
    siteId: string,
    presence: Presence,
  ): Promise<void> {
    const row = presenceRow(siteId, presence);
    await transaction
      .deleteFrom("occupancy")
      .where("site_id", "=", siteId)
      .where("subject", "=", presence.subject)
      .execute();
    await transaction.insertInto("occupancy").values(row).execute();
  }

  private async usePass(
    transaction: Transaction<Schema>,
    passId: string,
    passageId: string,
  ): Promise<void> {
    const row = { pass_id: passId, passage_id: passageId, used_at: Date.now() };
    const result = await orIgnore(
      this.database.dialect,
      transaction.insertInto("pass_uses").values(row),
    ).executeTakeFirst();
    if (result.numInsertedOrUpdatedRows !== 1n) return;
    await transaction
      .updateTable("visitor_passes")
      .set((eb) => ({ used: eb("used", "+", 1) }))
      .where("id", "=", passId)
      .execute();
  }

  /** @returns whether the presence was still of this passage, and is gone */
  private async takeBack(
    transaction: Transaction<Schema>,
    siteId: string,
    { subject, passageId }: Presence,
  ): Promise<boolean> {
    const { numDeletedRows } = await transaction
      .deleteFrom("occupancy")
      .where("site_id", "=", siteId)
      .where("subject", "=", subject)
      .where("passage_id", "=", passageId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  private async giveBackUse(
    transaction: Transaction<Schema>,
    passId: string,
    passageId: string,
  ): Promise<void> {
    const { numDeletedRows } = await transaction
      .deleteFrom("pass_uses")
      .where("pass_id", "=", passId)
      .where("passage_id", "=", passageId)
      .executeTakeFirst();
    if (numDeletedRows === 0n) return;
    await transaction
      .updateTable("visitor_passes")
      .set((eb) => ({ used: eb("used", "-", 1) }))
      .where("id", "=", passId)
      .execute();
  }
}
