import type { StoredEvent } from "./event";

/** A plate's stay: its detections without a longer gap between them. Times: ms since the epoch. */
export interface Visit {
  plate: string;
  startedAt: number;
  endedAt: number;
  detections: number;
  /** In the order they were passed, each once. */
  cameras: string[];
  first: StoredEvent;
  last: StoredEvent;
}

/**
 * The visits that events make, the latest first.
 * @param events in any order
 * @param gapMs a longer time without a detection ends a visit
 */
export function visitsOf(events: readonly StoredEvent[], gapMs: number): Visit[] {
  const open = new Map<string, Visit>();
  const visits: Visit[] = [];
  for (const event of [...events].sort((a, b) => a.timestamp - b.timestamp)) {
    if (event.plateText === "") continue;
    const known = open.get(event.plateText);
    const visit =
      known && event.timestamp - known.endedAt <= gapMs ? known : begun(event, visits, open);
    visit.endedAt = event.timestamp;
    visit.last = event;
    visit.detections += 1;
    const { cameraId } = event;
    if (cameraId !== null && !visit.cameras.includes(cameraId)) visit.cameras.push(cameraId);
  }
  return visits.sort((a, b) => b.startedAt - a.startedAt);
}

function begun(event: StoredEvent, visits: Visit[], open: Map<string, Visit>): Visit {
  const visit: Visit = {
    plate: event.plateText,
    startedAt: event.timestamp,
    endedAt: event.timestamp,
    detections: 0,
    cameras: [],
    first: event,
    last: event,
  };
  visits.push(visit);
  open.set(event.plateText, visit);
  return visit;
}
