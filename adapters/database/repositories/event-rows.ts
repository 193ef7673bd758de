import { isHashed } from "../../../core/events/hashing";
import type { Insertable, Selectable } from "kysely";
import type { NewEvent, RawCandidate, StoredEvent } from "../../../core/events/event";
import type { BarrierOutcome, DecisionTrace } from "../../../core/messages";
import { LOOK_MARK, lookKey } from "../../../core/plates/look-key";
import type { EventsTable, PlateGramsTable, ReadsTable } from "../schema";
import { flag, json, jsonOrNull, parsed } from "./rows";

/** Everything of an event but the times that the store adds. */
export function eventRow(
  event: NewEvent,
): Omit<Insertable<EventsTable>, "created_at" | "updated_at"> {
  return {
    id: event.id,
    source: event.source,
    occurred_at: event.timestamp,
    site_id: event.siteId,
    camera_id: event.cameraId,
    zone_id: event.zoneId,
    lane_id: event.laneId,
    plate_text: event.plateText,
    raw_text: event.rawText,
    confidence: event.confidence,
    region: event.region,
    direction: event.direction,
    state: event.state,
    revision: event.revision,
    first_seen: event.firstSeen,
    last_seen: event.lastSeen,
    first_readable: event.firstReadable,
    candidates_json: json(event.candidates),
    decision: event.decision,
    reason: event.reason,
    decided_at: event.decidedAt,
    vehicle_id: event.vehicleId,
    vehicle_plate: event.vehiclePlate,
    trace_json: jsonOrNull(event.trace),
    barrier_json: jsonOrNull(event.barrier),
    time_to_open_ms: event.timeToOpenMs,
    vehicle_info_json: jsonOrNull(event.vehicleInfo),
    tpms_json: jsonOrNull(event.tpmsStatus),
    metadata_json: json(event.metadata),
    job_id: event.jobId ?? null,
    retention_class: event.retentionClass,
    held: flag(event.held),
    hold_reason: event.holdReason,
    frame_path: event.frame,
    crop_path: event.crop,
  };
}

export function eventOf(row: Selectable<EventsTable>): StoredEvent {
  return {
    id: row.id,
    source: row.source as StoredEvent["source"],
    timestamp: row.occurred_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    siteId: row.site_id,
    cameraId: row.camera_id,
    zoneId: row.zone_id,
    laneId: row.lane_id,
    plateText: row.plate_text,
    rawText: row.raw_text,
    confidence: row.confidence,
    region: row.region,
    direction: row.direction as StoredEvent["direction"],
    state: row.state as StoredEvent["state"],
    revision: row.revision,
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
    firstReadable: row.first_readable,
    candidates: parsed<RawCandidate[]>(row.candidates_json, []),
    decision: row.decision as StoredEvent["decision"],
    reason: row.reason as StoredEvent["reason"],
    decidedAt: row.decided_at,
    vehicleId: row.vehicle_id,
    vehiclePlate: row.vehicle_plate,
    trace: parsed<DecisionTrace | null>(row.trace_json, null),
    barrier: parsed<BarrierOutcome | null>(row.barrier_json, null),
    timeToOpenMs: row.time_to_open_ms,
    vehicleInfo: parsed<unknown>(row.vehicle_info_json, null),
    tpmsStatus: parsed<unknown>(row.tpms_json, null),
    metadata: parsed<Record<string, unknown>>(row.metadata_json, {}),
    jobId: row.job_id,
    retentionClass: row.retention_class as StoredEvent["retentionClass"],
    held: row.held === 1,
    holdReason: row.hold_reason,
    frame: row.frame_path,
    crop: row.crop_path,
  };
}

export function readRows(event: NewEvent): Insertable<ReadsTable>[] {
  return event.votes.map((vote, position) => ({
    event_id: event.id,
    position,
    text: vote.text,
    confidence: vote.confidence,
    characters_json: json(vote.characters),
    captured_at: vote.capturedAt,
    box_json: json(vote.box),
  }));
}

/**
 * Each part of two and of three characters of a plate once, and what it looks like;
 * none of a keyed hash, which has no parts to find.
 */
export function gramRows(plate: string): Insertable<PlateGramsTable>[] {
  if (isHashed(plate)) return [];
  const grams = new Set<string>(plate === "" ? [] : [LOOK_MARK + lookKey(plate)]);
  const characters = [...plate];
  for (const size of [2, 3]) {
    for (let i = 0; i + size <= characters.length; i++) {
      grams.add(characters.slice(i, i + size).join(""));
    }
  }
  return [...grams].map((gram) => ({ gram, plate_text: plate }));
}
