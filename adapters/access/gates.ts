import type { AccessContext } from "../../core/access/types";
import type { Gate } from "./gate";

/** Where a gate stands: its site, and its lane; null = the lanes that no other gate names. */
export interface GatePlace {
  siteId: string;
  laneId: string | null;
}

/** A lane's gate at work, as the API sees it. */
export interface RunningGate {
  laneId: string | null;
  site: AccessContext["site"];
  gate: Gate;
}

/** The gates of this process, by the lane they decide for. */
export class GateRegistry {
  private readonly running = new Set<RunningGate>();
  private planned: readonly GatePlace[] = [];

  /** @returns a function that takes it out again */
  add(gate: RunningGate): () => void {
    this.running.add(gate);
    return () => this.running.delete(gate);
  }

  /** All gates of the flows, also those that have not started yet. */
  plan(places: readonly GatePlace[]): void {
    this.planned = places;
  }

  all(): RunningGate[] {
    return [...this.running];
  }

  /** Ids of the sites that have a gate here. */
  sites(): string[] {
    return [...new Set([...this.running].map(({ site }) => site.id))];
  }

  /**
   * The site whose emergencies a barrier of this lane follows: that of the gate which
   * names the lane; else, where all gates here are of one site, that one; else, for a
   * lane, that of the only site with a gate that takes its lanes from its cameras.
   * Null where two sites could be meant: neither may move the other's barrier.
   */
  siteOf(laneId: string | null): string | null {
    const places = this.places();
    const naming = laneId === null ? [] : places.filter((one) => one.laneId === laneId);
    if (naming.length > 0) return onlySite(naming);
    const only = onlySite(places);
    if (only !== null || laneId === null) return only;
    return onlySite(places.filter((one) => one.laneId === null));
  }

  /** Whether a barrier of this lane follows the state that the gate at this place knows. */
  ruledBy({ siteId, laneId: own }: GatePlace, laneId: string | null): boolean {
    if (laneId !== null && laneId === own) return true;
    const named = this.places().some((one) => one.laneId === laneId && laneId !== null);
    return !named && this.siteOf(laneId) === siteId;
  }

  /** The gate of a lane, else the only one that takes its lanes from its cameras. */
  find(laneId: string | null): RunningGate | undefined {
    const all = [...this.running];
    const own = laneId === null ? undefined : all.find((one) => one.laneId === laneId);
    const open = all.filter((one) => one.laneId === null);
    return own ?? (open.length === 1 ? open[0] : undefined);
  }

  private places(): GatePlace[] {
    const running = [...this.running].map(({ laneId, site }) => ({ laneId, siteId: site.id }));
    return [...this.planned, ...running];
  }
}

function onlySite(places: readonly GatePlace[]): string | null {
  const [id, ...others] = new Set(places.map(({ siteId }) => siteId));
  return id !== undefined && others.length === 0 ? id : null;
}

/** The process's gates. */
export const gates = new GateRegistry();
