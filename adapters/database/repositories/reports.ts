import type { Insertable, Selectable } from "kysely";
import type { PageOf, PageRequest } from "../../../core/auth/ports";
import type { ReportRepository } from "../../../core/reports/ports";
import type { Report, ReportDefinition, ReportState } from "../../../core/reports/types";
import type { ReportsTable } from "../schema-reports";
import type { Database } from "../types";
import { pageOf } from "./pages";
import { json, orIgnore, parsed } from "./rows";

const UNFINISHED = ["queued", "running"];

/** Reports in the database; their files are kept beside it. */
export class DatabaseReports implements ReportRepository {
  constructor(private readonly database: Database) {}

  async add(report: Report): Promise<boolean> {
    const { db, dialect } = this.database;
    const insert = orIgnore(dialect, db.insertInto("reports").values(rowOf(report)));
    const { numInsertedOrUpdatedRows } = await insert.executeTakeFirst();
    return (numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  async get(id: string): Promise<Report | null> {
    const row = await this.reports().selectAll().where("id", "=", id).executeTakeFirst();
    return row ? reportOf(row) : null;
  }

  list(page: PageRequest): Promise<PageOf<Report>> {
    return pageOf(page, reportOf, {
      count: this.reports().select((eb) => eb.fn.countAll<number>().as("n")),
      rows: this.reports().selectAll().orderBy("created_at", "desc").orderBy("id"),
    });
  }

  async unfinished(): Promise<number> {
    const { n } = await this.reports()
      .select((eb) => eb.fn.countAll<number>().as("n"))
      .where("state", "in", UNFINISHED)
      .executeTakeFirstOrThrow();
    return Number(n);
  }

  async claim(owner: string, now: number, leaseMs: number): Promise<Report | null> {
    for (;;) {
      const row = await this.reports()
        .selectAll()
        .where("state", "in", UNFINISHED)
        .where("leased_until", "<", now)
        .orderBy("created_at")
        .orderBy("id")
        .limit(1)
        .executeTakeFirst();
      if (!row) return null;
      const { numUpdatedRows } = await this.change(row.id)
        .set({ state: "running", owner, leased_until: now + leaseMs, progress: 0 })
        .where("leased_until", "=", row.leased_until)
        .executeTakeFirst();
      // else another process was faster
      if (numUpdatedRows > 0n) return reportOf({ ...row, state: "running", progress: 0 });
    }
  }

  async progress(
    id: string,
    owner: string,
    progress: number,
    leasedUntil: number,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.change(id)
      .set({ progress, leased_until: leasedUntil })
      .where("owner", "=", owner)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async finish(
    id: string,
    owner: string,
    outcome: Pick<Report, "state" | "rows" | "size" | "error">,
    now: number,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.change(id)
      .set({ ...outcome, progress: 100, owner: null, finished_at: now })
      .where("owner", "=", owner)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async cancel(id: string, now: number): Promise<boolean> {
    const { numUpdatedRows } = await this.change(id)
      .set({ state: "cancelled", owner: null, finished_at: now })
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async expired(before: number): Promise<Report[]> {
    const rows = await this.reports()
      .selectAll()
      .where("created_at", "<", before)
      .where("state", "not in", UNFINISHED)
      .execute();
    return rows.map(reportOf);
  }

  async delete(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.database.db
      .deleteFrom("reports")
      .where("id", "=", id)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  private reports() {
    return this.database.db.selectFrom("reports");
  }

  /** A change of one that has not finished. */
  private change(id: string) {
    return this.database.db
      .updateTable("reports")
      .where("id", "=", id)
      .where("state", "in", UNFINISHED);
  }
}

function rowOf(report: Report): Insertable<ReportsTable> {
  return {
    id: report.id,
    name: report.definition.name,
    kind: report.definition.kind,
    format: report.definition.format,
    definition_json: json({ ...report.definition, as_of: report.asOf }),
    schedule_id: report.scheduleId,
    requested_by: report.requestedBy,
    state: report.state,
    progress: report.progress,
    rows: report.rows,
    size: report.size,
    error: report.error,
    owner: null,
    leased_until: 0,
    created_at: report.createdAt,
    finished_at: report.finishedAt,
  };
}

function reportOf(row: Selectable<ReportsTable>): Report {
  const kept = parsed(row.definition_json, {} as ReportDefinition & { as_of?: number });
  const { as_of: asOf = row.created_at, ...definition } = kept;
  return {
    id: row.id,
    definition,
    scheduleId: row.schedule_id,
    requestedBy: row.requested_by,
    state: row.state as ReportState,
    progress: row.progress,
    rows: row.rows,
    size: row.size,
    error: row.error,
    createdAt: row.created_at,
    asOf,
    finishedAt: row.finished_at,
  };
}
