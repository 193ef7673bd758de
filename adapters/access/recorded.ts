import {
  replay,
  wouldWait,
  type Replayed,
  type RuleChange,
  type StoredDecision,
} from "../../core/access/replay";
import type { StoredEvent } from "../../core/events/event";
import type { EventFilter } from "../../core/events/filters";
import type { EventRepository } from "../../core/events/ports";

/** Events read at a time. */
const PAGE = 100;

/** Stored events with a decision, a page at a time. */
export async function* decidedEvents(
  events: Pick<EventRepository, "list">,
  filter: EventFilter,
  sortOrder: "asc" | "desc",
): AsyncGenerator<StoredEvent> {
  for (let skip = 0; ; skip += PAGE) {
    const page = { skip, limit: PAGE, sortBy: "timestamp" as const, sortOrder };
    const { items } = await events.list({ ...filter, decided: true }, page);
    yield* items;
    if (items.length < PAGE) return;
  }
}

/** An event's decision made again, and by changed rules; null where none was stored with it. */
export function replayEvent(
  event: StoredEvent,
  change: RuleChange | null,
): (Replayed & { waits: boolean }) | null {
  const stored = decisionOf(event);
  if (!stored) return null;
  const one = replay(stored, change);
  return {
    ...one,
    plate: one.plate || event.plateText,
    laneId: one.laneId ?? event.laneId,
    waits: one.would !== null && wouldWait(stored, one.would),
  };
}

function decisionOf({ id, decision, reason, trace }: StoredEvent): StoredDecision | null {
  return decision && reason && trace ? { id, result: decision, reason, trace } : null;
}
