import type { ResourceRepositories } from "../../core/config/ports";
import type { Notice } from "../../core/notify/types";

/** What people call a notice's lane and camera; null where nobody gave them a name. */
export interface PlaceNames {
  lane: string | null;
  camera: string | null;
}

type Named = Pick<ResourceRepositories, "lanes" | "cameras">;

/** Names are asked for anew after this time: somebody may have changed them. */
const KEPT_MS = 5_000;

/**
 * Looks up the names of lanes and cameras.
 * @param resources rejects while the database is away: then notices have ids alone
 */
export function placeNames(
  resources: () => Promise<Named>,
  clock: () => number = Date.now,
): (notice: Pick<Notice, "laneId" | "cameraId">) => Promise<PlaceNames> {
  let known: { lanes: Map<string, string>; cameras: Map<string, string>; at: number } | null = null;
  return async ({ laneId, cameraId }) => {
    try {
      if (!known || clock() - known.at > KEPT_MS) {
        const { lanes, cameras } = await resources();
        const [ways, eyes] = await Promise.all([lanes.all(), cameras.all()]);
        known = { lanes: namesOf(ways), cameras: namesOf(eyes), at: clock() };
      }
    } catch {
      known = null;
    }
    return {
      lane: known?.lanes.get(laneId ?? "") ?? null,
      camera: known?.cameras.get(cameraId ?? "") ?? null,
    };
  };
}

function namesOf(all: readonly { id: string; fields: { name: string } }[]): Map<string, string> {
  return new Map(all.map(({ id, fields }) => [id, fields.name]));
}
