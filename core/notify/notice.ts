import type { BarrierStatus } from "../barrier/ports";
import type { StoredEvent } from "../events/event";
import type { NotificationRule, Notice, NoticeKind } from "./types";

/** What an event is told as. */
export function kindOf({ decision, reason }: Pick<StoredEvent, "decision" | "reason">): NoticeKind {
  if (reason === "watch_list") return "watch_hit";
  if (decision === "open") return "allowed";
  if (decision === "review") return "review";
  if (decision === "deny") return reason === "unknown_plate" ? "unknown" : "denied";
  return "recorded";
}

export function noticeOfEvent(event: StoredEvent): Notice {
  return {
    ...blankNotice(kindOf(event), event.timestamp),
    eventId: event.id,
    plate: event.plateText === "" ? null : event.plateText,
    laneId: event.laneId,
    cameraId: event.cameraId,
    decision: event.decision,
    reason: event.reason,
    confidence: event.confidence,
    region: event.region,
    direction: event.direction,
    vehiclePlate: event.vehiclePlate,
    barrierId: event.barrier?.barrierId ?? null,
  };
}

/** A barrier's fault. @param since when it began, ms since the epoch */
export function noticeOfFault(
  { id, name, laneId, trouble }: Pick<BarrierStatus, "id" | "name" | "laneId" | "trouble">,
  since: number,
): Notice {
  const text = [name, trouble].filter(Boolean).join(": ");
  return { ...blankNotice("barrier", since), barrierId: id, laneId, text: text || null };
}

/** A notice of which nothing is known but its kind and time. */
export function blankNotice(kind: NoticeKind, at: number): Notice {
  return {
    kind,
    at,
    eventId: null,
    plate: null,
    laneId: null,
    cameraId: null,
    decision: null,
    reason: null,
    confidence: null,
    region: null,
    direction: null,
    vehiclePlate: null,
    text: null,
    barrierId: null,
  };
}

/** Whether a rule tells of it. A test is for every rule. */
export function matches(rule: NotificationRule, notice: Notice): boolean {
  if (!rule.enabled) return false;
  if (notice.kind === "test") return true;
  const among = (list: readonly string[], value: string | null) =>
    list.length === 0 || (value !== null && list.includes(value));
  return (
    rule.kinds.includes(notice.kind) &&
    among(rule.reasons, notice.reason) &&
    among(rule.lanes, notice.laneId) &&
    among(rule.cameras, notice.cameraId)
  );
}
