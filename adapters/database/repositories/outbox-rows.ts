import { sql, type Compilable, type Insertable, type Selectable } from "kysely";
import type {
  OutboxItem,
  OutboxRecord,
  OutboxState,
  TargetState,
} from "../../../core/outbox/types";
import type { OutboxTable, OutboxTargetsTable } from "../schema";
import type { Database } from "../types";
import { jsonOrNull, orIgnore, parsed } from "./rows";

export function outboxRow(item: OutboxItem): Insertable<OutboxTable> {
  return {
    id: item.id,
    target: item.target,
    lane: item.lane,
    kind: item.kind,
    event_id: item.eventId,
    payload_json: jsonOrNull(item.payload),
    state: "waiting",
    position: item.position,
    created_at: item.createdAt,
    attempts: item.attempts,
    last_error: null,
    finished_at: null,
  };
}

export function recordOf(row: Selectable<OutboxTable>): OutboxRecord {
  return {
    id: row.id,
    target: row.target,
    lane: row.lane,
    kind: row.kind,
    eventId: row.event_id,
    payload: parsed<unknown>(row.payload_json, null),
    position: row.position,
    createdAt: row.created_at,
    attempts: row.attempts,
    state: row.state as OutboxState,
    lastError: row.last_error,
    finishedAt: row.finished_at,
  };
}

export function itemOf(row: Selectable<OutboxTable>): OutboxItem {
  const { id, target, lane, kind, eventId, payload, position, createdAt, attempts } = recordOf(row);
  return { id, target, lane, kind, eventId, payload, position, createdAt, attempts };
}

export function targetStateOf(row: Selectable<OutboxTargetsTable>): TargetState {
  return {
    failures: row.failures,
    failingSince: row.failing_since,
    lastError: row.last_error,
    lastSuccessAt: row.last_success_at,
    retryAt: row.retry_at,
  };
}

const COLUMNS = [
  "id",
  "target",
  "lane",
  "kind",
  "event_id",
  "payload_json",
  "state",
  "position",
  "created_at",
  "attempts",
  "last_error",
  "finished_at",
] as const;

/**
 * Statements that add items together with their event: an item goes in only where the
 * same transaction made the event, so that an event that comes twice is told of once.
 * @param createdAt the event's time of storing
 */
export function insertionsWithEvent(
  { db, dialect }: Database,
  items: readonly OutboxItem[],
  createdAt: number,
): Compilable[] {
  return items.map((item) => {
    const row = outboxRow(item);
    return orIgnore(
      dialect,
      db
        .insertInto("outbox")
        .columns([...COLUMNS])
        .expression((eb) =>
          eb
            .selectFrom("events")
            .select(COLUMNS.map((column) => sql.val(row[column]).as(column)))
            .where("events.id", "=", item.eventId)
            .where("events.created_at", "=", createdAt),
        ),
    );
  });
}
