import type { BarrierHandle } from "../barrier/ports";
import { level } from "./topics";

/** A barrier of the flows, whether it is there now or not. */
export type Placed = Pick<BarrierHandle, "id" | "laneId">;

/**
 * Below which lane each barrier's topics are, by barrier id: its own lane; one without
 * a lane, or whose lane has another already, is a lane named like itself.
 * @param barriers all of the flows: a topic must not pass to another barrier while the
 *   one it means is away
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

/** The barrier that a topic's level means, there or not; null where none does, or more than one. */
export function barrierAt(barriers: readonly Placed[], lane: string): Placed | null {
  const lanes = lanesOfBarriers(barriers);
  const meant = barriers.filter(({ id }) => level(lanes.get(id) ?? "") === lane);
  return meant.length === 1 ? (meant[0] ?? null) : null;
}
