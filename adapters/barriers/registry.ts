import { EventEmitter } from "node:events";
import type { Placed } from "../../core/mqtt/lanes";
import type { BarrierAudit, BarrierHandle, BarrierStatus } from "../../core/barrier/ports";

interface RegistryEvents {
  /** A barrier came, went, moved or changed what its status says. */
  change: [status: BarrierStatus];
  removed: [id: string];
  audit: [entry: BarrierAudit];
}

/** All barriers of this process, for the API, the dashboard and the command line. */
export class BarrierRegistry extends EventEmitter<RegistryEvents> {
  private readonly byId = new Map<string, BarrierHandle>();
  private planned: readonly Placed[] = [];

  /** All barriers of the flows, also those that do not run now. */
  plan(places: readonly Placed[]): void {
    this.planned = places;
  }

  /** Where the barriers of the flows stand, each once; those that run know it best. */
  places(): Placed[] {
    const away = this.planned.filter(({ id }) => !this.byId.has(id));
    return [...away, ...this.byId.values()].map(({ id, laneId }) => ({ id, laneId }));
  }

  list(): BarrierHandle[] {
    return [...this.byId.values()];
  }

  get(id: string): BarrierHandle | undefined {
    return this.byId.get(id);
  }

  /**
   * @throws Error where another barrier has the id: two things that move one gate
   *   would not know of each other
   */
  add(barrier: BarrierHandle): void {
    if (this.byId.has(barrier.id)) {
      throw new Error(`two barriers have the id "${barrier.id}": give one another id`);
    }
    this.byId.set(barrier.id, barrier);
    this.emit("change", barrier.status());
  }

  remove(barrier: BarrierHandle): void {
    if (this.byId.get(barrier.id) !== barrier) return;
    this.byId.delete(barrier.id);
    this.emit("removed", barrier.id);
  }
}

/** The process's barriers. */
export const barriers = new BarrierRegistry();
barriers.setMaxListeners(0);
