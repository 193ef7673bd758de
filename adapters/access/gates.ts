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

  /** The gate of a lane; with no lane asked for, the only gate there is. */
  find(laneId: string | null): RunningGate | undefined {
    const all = [...this.running];
    if (laneId !== null) return all.find((one) => one.laneId === laneId);
    return all.length === 1 ? all[0] : undefined;
  }
}

/** The process's gates. */
export const gates = new GateRegistry();
