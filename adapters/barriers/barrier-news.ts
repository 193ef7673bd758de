import type { BarrierAudit, BarrierHandle, BarrierStatus } from "../../core/barrier/ports";
import type { BarrierState } from "../../core/messages";
import type { BarrierRegistry } from "./registry";

export interface NewsListeners {
  audit?: (entry: BarrierAudit) => void;
  change?: (status: BarrierStatus) => void;
}

/** What an entry of the audit says beside where, when and in which state. */
export type AuditNote = Pick<BarrierAudit, "kind" | "actor" | "detail"> & Partial<BarrierAudit>;

/** Tells of a barrier: each status once until it changes, and what belongs into the audit. */
export class BarrierNews {
  private lastShown = "";
  private lastState: BarrierState = "unknown";

  constructor(
    private readonly barrier: BarrierHandle,
    private readonly registry: BarrierRegistry,
    private readonly listeners: NewsListeners,
  ) {}

  /** Tells the status where it is another one than was told last. */
  announce(): void {
    const status = this.barrier.status();
    const shown = JSON.stringify(status);
    if (shown === this.lastShown) return;
    this.lastShown = shown;
    if (status.state !== this.lastState) {
      const detail = `${this.lastState} -> ${status.state}`;
      this.lastState = status.state;
      this.record({ kind: "state", actor: "system", detail });
    }
    this.listeners.change?.(status);
    if (this.registry.get(this.barrier.id) === this.barrier) this.registry.emit("change", status);
  }

  record(note: AuditNote): void {
    const { id, laneId } = this.barrier;
    const entry: BarrierAudit = {
      at: Date.now(),
      barrierId: id,
      laneId,
      state: this.barrier.state(),
      outcome: null,
      confirmedAfterMs: null,
      ...note,
    };
    this.listeners.audit?.(entry);
    this.registry.emit("audit", entry);
  }
}
