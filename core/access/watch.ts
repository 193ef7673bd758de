import type { Passage, WatchHit } from "../messages";
import { normalisePlate } from "../plates/normalise";
import { indexOf, watchHits } from "./index-lists";
import type { AccessSnapshot } from "./types";

/** How sure a read must be to be compared with the watch list. */
export interface WatchRules {
  /** 0..1 */
  minConfidence: number;
}

/** The watch list entries that a passage's read hits now, urgent ones first. */
export function hitsOf(
  passage: Passage,
  lists: AccessSnapshot,
  rules: WatchRules,
  at: number,
): WatchHit[] {
  const plate = normalisePlate(passage.text);
  if (plate === "" || !(passage.confidence >= rules.minConfidence)) return [];
  const index = indexOf(lists);
  const order = { high: 0, normal: 1, low: 2 };
  return watchHits(index.watch, index.table, plate, at)
    .sort((a, b) => order[a.priority] - order[b.priority])
    .map((entry) => ({
      entryId: entry.id,
      pattern: entry.pattern,
      description: entry.description,
      priority: entry.priority,
      webhookUrl: entry.webhookUrl,
      emails: [...entry.emails],
      plate,
      passageId: passage.id,
      cameraId: passage.cameraId,
      laneId: passage.laneId,
      seenAt: passage.lastSeen,
    }));
}

/** Passages remembered, so that each hit is told once. */
const MEMORY_SIZE = 1000;

/** Lets each hit of a passage through once, over all its versions. */
export class HitLedger {
  private readonly told = new Map<string, Set<string>>();

  fresh(hits: readonly WatchHit[]): WatchHit[] {
    return hits.filter(({ passageId, entryId }) => {
      const known = this.told.get(passageId) ?? new Set();
      const isNew = !known.has(entryId);
      this.told.delete(passageId);
      this.told.set(passageId, known.add(entryId));
      const oldest = this.told.keys().next();
      if (this.told.size > MEMORY_SIZE && !oldest.done) this.told.delete(oldest.value);
      return isNew;
    });
  }
}
