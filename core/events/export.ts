import type { StoredEvent } from "./event";

/**
 * An event for other systems: the fields of reference 2's ingest, so that another
 * Plategate (or what speaks its dialect) takes it as it is, and what we know besides.
 */
export function exportedEvent(event: StoredEvent): Record<string, unknown> {
  return {
    event_id: event.id,
    timestamp: iso(event.timestamp),
    camera_id: event.cameraId,
    zone_id: event.zoneId,
    plate_text: event.plateText,
    confidence: event.confidence,
    raw_candidates: event.candidates,
    vehicle_info: event.vehicleInfo,
    tpms_status: event.tpmsStatus,
    metadata: event.metadata,
    site_id: event.siteId,
    lane_id: event.laneId,
    region: event.region,
    direction: event.direction,
    decision: event.decision,
    reason: event.reason,
    vehicle_plate: event.vehiclePlate,
    barrier: event.barrier && {
      id: event.barrier.barrierId,
      result: event.barrier.result,
      state: event.barrier.state,
    },
    time_to_open_ms: event.timeToOpenMs,
    created_at: iso(event.createdAt),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
