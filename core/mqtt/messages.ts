import type { BarrierStatus } from "../barrier/ports";
import type { StoredEvent } from "../events/event";
import { exportedEvent } from "../events/export";
import { kindOf } from "../notify/notice";
import { NOTICE_KINDS } from "../notify/types";

/** A read that goes out later than this after it happened is told as "late" (ms). */
export const LATE_MS = 60_000;

/** What `event_type` of a read can be: Home Assistant wants them listed. */
export const READ_TYPES: readonly string[] = [
  ...NOTICE_KINDS.filter((kind) => !["barrier", "message", "test"].includes(kind)),
  "late",
];

/**
 * A final event as the topic `read` has it: the event of the exporters, and its kind.
 * One that comes after an outage is "late", so that nothing is switched by it.
 */
export function readMessage(event: StoredEvent, now: number): Record<string, unknown> {
  return {
    event_type: isLate(event, now) ? "late" : kindOf(event),
    kind: kindOf(event),
    ...exportedEvent(event),
  };
}

export function isLate(event: StoredEvent, now: number): boolean {
  return now - (event.lastSeen ?? event.timestamp) > LATE_MS;
}

/** What was decided about a vehicle, as the topic `decision` has it. */
export function decisionMessage(event: StoredEvent): Record<string, unknown> {
  return {
    event_id: event.id,
    decision: event.decision,
    reason: event.reason,
    plate_text: event.plateText,
    vehicle_plate: event.vehiclePlate,
    confidence: event.confidence,
    direction: event.direction,
    site_id: event.siteId,
    lane_id: event.laneId,
    camera_id: event.cameraId,
    decided_at: event.decidedAt === null ? null : new Date(event.decidedAt).toISOString(),
  };
}

/** What a barrier's topic `barrier/status` says beside its state. */
export function statusMessage(status: BarrierStatus): Record<string, unknown> {
  const { id, name, laneId, state, locked, held, emergency, trouble, canClose } = status;
  return {
    barrier_id: id,
    name,
    lane_id: laneId,
    state,
    locked,
    held,
    emergency,
    trouble,
    can_close: canClose,
  };
}

/** Whether a barrier answers: what its lane's `availability` says. */
export function answers({ state, trouble }: BarrierStatus): boolean {
  return trouble === null || (state !== "fault" && state !== "unknown");
}
