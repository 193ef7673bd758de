import type { Selectable, SelectQueryBuilder } from "kysely";
import type { Alert, AlertFilter, AlertKind, AlertRepository } from "../../../core/alerts/alert";
import type { WatchPriority } from "../../../core/access/types";
import type { PageOf, PageRequest } from "../../../core/auth/ports";
import type { AlertsTable, Schema } from "../schema";
import type { Database } from "../types";
import { pageOf } from "./pages";
import { orIgnore } from "./rows";

type Query = SelectQueryBuilder<Schema, "alerts", object>;

/** Alerts in the database. */
export class DatabaseAlerts implements AlertRepository {
  constructor(private readonly database: Database) {}

  async add(alert: Alert): Promise<boolean> {
    const { db, dialect } = this.database;
    const result = await orIgnore(
      dialect,
      db.insertInto("alerts").values(rowOf(alert)),
    ).executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  list(filter: AlertFilter, page: PageRequest): Promise<PageOf<Alert>> {
    const query = this.matching(filter);
    return pageOf(page, alertOf, {
      count: query.select((eb) => eb.fn.countAll<number>().as("n")),
      rows: query.selectAll().orderBy("at", "desc").orderBy("id", "desc"),
    });
  }

  async count(filter: AlertFilter): Promise<number> {
    const { n } = await this.matching(filter)
      .select((eb) => eb.fn.countAll<number>().as("n"))
      .executeTakeFirstOrThrow();
    return Number(n);
  }

  async acknowledge(
    id: string,
    by: string,
    note: string | null,
    now: number,
  ): Promise<Alert | null> {
    const { db } = this.database;
    await db
      .updateTable("alerts")
      .set({ acknowledged_at: now, acknowledged_by: by, note })
      .where("id", "=", id)
      .where("acknowledged_at", "is", null)
      .execute();
    const row = await db.selectFrom("alerts").selectAll().where("id", "=", id).executeTakeFirst();
    return row ? alertOf(row) : null;
  }

  private matching({ kind, open, from, to }: AlertFilter): Query {
    let query: Query = this.database.db.selectFrom("alerts");
    if (kind !== undefined) query = query.where("kind", "=", kind);
    if (open !== undefined) query = query.where("acknowledged_at", open ? "is" : "is not", null);
    if (from !== undefined) query = query.where("at", ">=", from);
    if (to !== undefined) query = query.where("at", "<=", to);
    return query;
  }
}

function rowOf(alert: Alert): AlertsTable {
  return {
    id: alert.id,
    at: alert.at,
    kind: alert.kind,
    priority: alert.priority,
    event_id: alert.eventId,
    camera_id: alert.cameraId,
    lane_id: alert.laneId,
    barrier_id: alert.barrierId,
    plate: alert.plate,
    text: alert.text,
    acknowledged_at: alert.acknowledgedAt,
    acknowledged_by: alert.acknowledgedBy,
    note: alert.note,
  };
}

function alertOf(row: Selectable<AlertsTable>): Alert {
  return {
    id: row.id,
    at: row.at,
    kind: row.kind as AlertKind,
    priority: row.priority as WatchPriority,
    eventId: row.event_id,
    cameraId: row.camera_id,
    laneId: row.lane_id,
    barrierId: row.barrier_id,
    plate: row.plate,
    text: row.text,
    acknowledgedAt: row.acknowledged_at,
    acknowledgedBy: row.acknowledged_by,
    note: row.note,
  };
}
