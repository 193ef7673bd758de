import type { BarrierHandle } from "../barrier/ports";
import { level } from "./topics";

type Placed = Pick<BarrierHandle, "id" | "laneId">;

/**
 * Below which lane each barrier's topics are, by barrier id: its own lane; one without
 * a lane, or whose lane has another already, is a lane named like itself.
 */
export function lanesOfBarriers(barriers: readonly Placed[]): Map<string, string> {
  const taken = new Set<string>();
  const lanes = new Map<string, string>();
  for (const { id, laneId } of barriers.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const lane = laneId !== null && !taken.has(laneId) ? laneId : id;
    taken.add(lane);
    lanes.set(id, lane);
  }
  return lanes;
}

/** The barrier that a topic's level means; null where none does, or more than one. */
export function barrierAt<T extends Placed>(barriers: readonly T[], lane: string): T | null {
  const lanes = lanesOfBarriers(barriers);
  const meant = barriers.filter(({ id }) => level(lanes.get(id) ?? "") === lane);
  return meant.length === 1 ? (meant[0] ?? null) : null;
}
