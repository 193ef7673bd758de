import type { EventBus } from "../../adapters/events/bus";
import type { StoredEvent } from "../../core/events/event";

/**
 * Waits for what the flow decides about a passage: the flow's event-store writes it
 * into the passage's event, and that is heard here. Nothing is decided here.
 */
export class DecisionWaiter {
  private readonly waiting = new Map<string, (event: StoredEvent | null) => void>();
  private readonly listener = ({ event }: { event: StoredEvent }): void => {
    if (event.decision !== null) this.waiting.get(event.id)?.(event);
  };

  constructor(
    private readonly bus: EventBus,
    private readonly limitMs: number,
  ) {
    bus.on("event", this.listener);
  }

  /** @returns the event with its decision; null where none came in time */
  wait(eventId: string): Promise<StoredEvent | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => answer(null), this.limitMs);
      const answer = (event: StoredEvent | null): void => {
        clearTimeout(timer);
        this.waiting.delete(eventId);
        resolve(event);
      };
      this.waiting.set(eventId, answer);
    });
  }

  close(): void {
    this.bus.off("event", this.listener);
    for (const answer of [...this.waiting.values()]) answer(null);
  }
}
