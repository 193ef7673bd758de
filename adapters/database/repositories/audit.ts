import type { Insertable, Selectable } from "kysely";
import type {
  AuditEntry,
  AuditFilter,
  AuditRepository,
  PageOf,
  PageRequest,
} from "../../../core/auth/ports";
import type { AuditLogTable } from "../schema";
import type { Database } from "../types";
import { pageOf } from "./pages";
import { json, parsed } from "./rows";

/** The audit log in the database: appended to, never changed. */
export class DatabaseAudit implements AuditRepository {
  constructor(private readonly database: Database) {}

  append(entry: AuditEntry): Promise<void> {
    return this.appendAll([entry]);
  }

  async appendAll(entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.database.db.insertInto("audit_log").values(entries.map(rowOf)).execute();
  }

  async list(filter: AuditFilter, page: PageRequest): Promise<PageOf<AuditEntry>> {
    const { actor, action, subject, from, to } = filter;
    let query = this.database.db.selectFrom("audit_log");
    if (actor !== undefined) query = query.where("actor", "=", actor);
    if (action?.endsWith(".")) {
      // "/" follows "." in ASCII: the range holds all that begin with the prefix
      query = query.where("action", ">=", action).where("action", "<", `${action.slice(0, -1)}/`);
    } else if (action !== undefined) query = query.where("action", "=", action);
    if (subject !== undefined) query = query.where("subject", "=", subject);
    if (from !== undefined) query = query.where("at", ">=", from);
    if (to !== undefined) query = query.where("at", "<=", to);
    return pageOf(page, entryOf, {
      count: query.select((eb) => eb.fn.countAll<number>().as("n")),
      rows: query.selectAll().orderBy("at", "desc").orderBy("id", "desc"),
    });
  }

  async purge(before: number): Promise<number> {
    const result = await this.database.db
      .deleteFrom("audit_log")
      .where("at", "<", before)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

function rowOf(entry: AuditEntry): Insertable<AuditLogTable> {
  return {
    id: entry.id,
    at: entry.at,
    actor: entry.actor,
    organisation: entry.organisation,
    action: entry.action,
    subject: entry.subject,
    purpose: entry.purpose,
    result: entry.result,
    address: entry.address,
    request_id: entry.requestId,
    detail_json: json(entry.detail),
  };
}

function entryOf(row: Selectable<AuditLogTable>): AuditEntry {
  return {
    id: row.id,
    at: row.at,
    actor: row.actor,
    organisation: row.organisation,
    action: row.action,
    subject: row.subject,
    purpose: row.purpose,
    result: row.result === "ok" || row.result === "refused" ? row.result : "failed",
    address: row.address,
    requestId: row.request_id,
    detail: parsed<Record<string, unknown>>(row.detail_json, {}),
  };
}
