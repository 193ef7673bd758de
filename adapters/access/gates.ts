import type { AccessContext } from "../../core/access/types";
import type { Gate } from "./gate";

/** A lane's gate at work, as the API sees it. */
export interface RunningGate {
  laneId: string | null;
  site: AccessContext["site"];
  gate: Gate;
}

/** The gates of this process, by the lane they decide for. */
export class GateRegistry {
  private readonly running = new Set<RunningGate>();

  /** @returns a function that takes it out again */
  add(gate: RunningGate): () => void {
    this.running.add(gate);
    return () => this.running.delete(gate);
  }

  /** Ids of the sites that have a gate here. */
  sites(): string[] {
    return [...new Set([...this.running].map(({ site }) => site.id))];
  }

  /** Whether a gate is for this very lane. */
  names(laneId: string): boolean {
    return [...this.running].some((one) => one.laneId === laneId);
  }

  /** The gate of a lane, else the only one that takes its lanes from its cameras. */
  find(laneId: string | null): RunningGate | undefined {
    const all = [...this.running];
    const own = laneId === null ? undefined : all.find((one) => one.laneId === laneId);
    const open = all.filter((one) => one.laneId === null);
    return own ?? (open.length === 1 ? open[0] : undefined);
  }
}

/** The process's gates. */
export const gates = new GateRegistry();
