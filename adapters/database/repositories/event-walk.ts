import type { WalkedEvent } from "../../../core/events/event";
import type { EventFilter } from "../../../core/events/filters";
import type { BarrierOutcome } from "../../../core/messages";
import type { Database } from "../types";
import { conditionOf, isByPlate } from "./event-query";
import { parsed } from "./rows";

/**
 * The next events in the order of time, without what only details show.
 * @param after the last one that is known; null begins
 * @param hashKey finds a whole plate also where it is hidden
 */
export async function walkEvents(
  { db, dialect }: Database,
  hashKey: Buffer | null,
  filter: EventFilter,
  after: { timestamp: number; id: string } | null,
  limit: number,
): Promise<WalkedEvent[]> {
  const from = after ? Math.max(after.timestamp, filter.from ?? after.timestamp) : filter.from;
  // time leads through the events, unless a plate leads to few of them
  const unled =
    dialect === "sqlite" && !isByPlate(filter) ? (["equal", "confidence"] as const) : [];
  let query = db
    .selectFrom("events")
    .select([
      "id",
      "occurred_at",
      "plate_text",
      "confidence",
      "decision",
      "reason",
      "vehicle_plate",
      "camera_id",
      "lane_id",
      "direction",
      "barrier_json",
      "time_to_open_ms",
    ])
    .where(conditionOf({ ...filter, from }, hashKey, unled));
  if (after) {
    query = query.where((eb) =>
      eb.or([eb("occurred_at", ">", after.timestamp), eb("id", ">", after.id)]),
    );
  }
  const rows = await query.orderBy("occurred_at").orderBy("id").limit(limit).execute();
  return rows.map((row) => ({
    id: row.id,
    timestamp: row.occurred_at,
    plateText: row.plate_text,
    confidence: row.confidence,
    decision: row.decision as WalkedEvent["decision"],
    reason: row.reason as WalkedEvent["reason"],
    vehiclePlate: row.vehicle_plate,
    cameraId: row.camera_id,
    laneId: row.lane_id,
    direction: row.direction as WalkedEvent["direction"],
    barrier: parsed<BarrierOutcome | null>(row.barrier_json, null),
    timeToOpenMs: row.time_to_open_ms,
  }));
}
