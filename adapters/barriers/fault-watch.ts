import type { BarrierStatus } from "../../core/barrier/ports";
import type { BarrierRegistry } from "./registry";

/** Hears once of each fault of this process's barriers. */
export class FaultWatch {
  private readonly faulty = new Set<string>();

  /** @param onFault gets the status and since when (ms since the epoch) */
  constructor(
    private readonly barriers: BarrierRegistry,
    private readonly onFault: (status: BarrierStatus, since: number) => void,
  ) {
    barriers.on("change", this.look);
  }

  close(): void {
    this.barriers.off("change", this.look);
  }

  private readonly look = (status: BarrierStatus): void => {
    if (status.state !== "fault") {
      this.faulty.delete(status.id);
      return;
    }
    if (this.faulty.has(status.id)) return;
    this.faulty.add(status.id);
    this.onFault(status, Date.now());
  };
}
