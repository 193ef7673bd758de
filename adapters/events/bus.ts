import { EventEmitter } from "node:events";
import type { EventChange } from "../../core/events/ports";

/** Tells of events after they are committed, in this process. */
export class EventBus extends EventEmitter<{ event: [EventChange] }> {
  /** Tells all listeners; one that throws keeps nobody else from hearing. */
  publish(change: EventChange, onError: (error: unknown) => void): void {
    for (const listener of this.listeners("event")) {
      try {
        listener(change);
      } catch (error) {
        onError(error);
      }
    }
  }
}

/** The process's bus: `events.on("event", ({event, change, becameFinal}) => …)`. */
export const events = new EventBus();
events.setMaxListeners(0);
