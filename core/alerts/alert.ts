import type { PageOf, PageRequest } from "../auth/ports";
import type { WatchEntry, WatchPriority } from "../access/types";
import type { BarrierStatus } from "../barrier/ports";
import type { StoredEvent } from "../events/event";

/** What people must look at: a wanted plate was seen, a vehicle was turned away, a barrier is in trouble. */
export const ALERT_KINDS = ["watch_hit", "denied_vehicle", "barrier_trouble"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export interface Alert {
  /** Made from what it is about, so that the same thing alerts once. */
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  kind: AlertKind;
  priority: WatchPriority;
  eventId: string | null;
  cameraId: string | null;
  laneId: string | null;
  barrierId: string | null;
  plate: string | null;
  /** Of the watch list entry, or what the barrier says. */
  text: string | null;
  acknowledgedAt: number | null;
  acknowledgedBy: string | null;
  note: string | null;
}

export interface AlertFilter {
  kind?: AlertKind | undefined;
  /** True: only those that nobody has acknowledged. */
  open?: boolean | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

/** Every method rejects with a StoreError on failure. */
export interface AlertRepository {
  /** @returns false where it is known */
  add(alert: Alert): Promise<boolean>;
  /** Newest first. */
  list(filter: AlertFilter, page: PageRequest): Promise<PageOf<Alert>>;
  count(filter: AlertFilter): Promise<number>;
  /** @returns the alert, acknowledged now or before; null where there is none */
  acknowledge(id: string, by: string, note: string | null, now: number): Promise<Alert | null>;
}

/** Decisions about a vehicle that somebody has barred: people want to know that it came. */
const BARRED = new Set(["deny_list", "blocked"]);

/** What an event alerts of. @param hits the watch list entries that its plate hits */
export function alertsOfEvent(event: StoredEvent, hits: readonly WatchEntry[]): Alert[] {
  const about = (id: string, kind: AlertKind, priority: WatchPriority, text: string | null) => ({
    ...blank(`${id}:${event.id}`.slice(0, 128), event.timestamp, kind, priority),
    eventId: event.id,
    cameraId: event.cameraId,
    laneId: event.laneId,
    plate: event.plateText,
    text,
  });
  const alerts: Alert[] = hits.map((hit) =>
    about(hit.id, "watch_hit", hit.priority, hit.description ?? hit.pattern),
  );
  if (event.decision === "deny" && BARRED.has(event.reason ?? "")) {
    alerts.push(about("denied", "denied_vehicle", "high", event.reason));
  }
  return alerts;
}

/** What a barrier's new state alerts of. @param since when the trouble began */
export function alertOfBarrier(status: BarrierStatus, since: number): Alert | null {
  if (status.state !== "fault") return null;
  return {
    ...blank(`barrier:${since}:${status.id}`.slice(0, 128), since, "barrier_trouble", "high"),
    barrierId: status.id,
    laneId: status.laneId,
    text: status.trouble,
  };
}

function blank(id: string, at: number, kind: AlertKind, priority: WatchPriority): Alert {
  return {
    id,
    at,
    kind,
    priority,
    eventId: null,
    cameraId: null,
    laneId: null,
    barrierId: null,
    plate: null,
    text: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    note: null,
  };
}
