import type { ConfusableTable } from "../plates/confusables";
import { compileEntry, gatePlate } from "../plates/gate-plate";
import { normalisePlate } from "../plates/normalise";
import type { WatchEntry } from "../access/types";
import type { StoredEvent } from "../events/event";

/** Reads less sure than this are not taken for a wanted plate. */
const LEAST_CONFIDENCE = 0.5;

/** Whether a read is sure enough to be taken for a wanted plate. @param confidence 0 to 1 */
export function isSureEnough(confidence: number | null): boolean {
  return confidence === null || confidence >= LEAST_CONFIDENCE;
}

/** What of an event is looked at. */
export type Sighted = Pick<StoredEvent, "plateText" | "confidence" | "timestamp">;

/** Says whether a stored event is what an entry of the watch list looks for. */
export function watcherOf(entry: WatchEntry, table: ConfusableTable): (event: Sighted) => boolean {
  if (entry.list !== "watch" || !entry.active) return () => false;
  const wanted = compileEntry(entry.pattern, entry.match === "confusable" ? table : undefined);
  return ({ plateText, confidence, timestamp }) =>
    (entry.expiresAt === null || timestamp <= entry.expiresAt) &&
    isSureEnough(confidence) &&
    wanted.matches(gatePlate(normalisePlate(plateText)));
}

/** A watch entry in the words of reference 3. */
export function boloView(entry: WatchEntry) {
  return {
    id: entry.id,
    plate_pattern: entry.pattern,
    description: entry.description,
    priority: entry.priority,
    webhook_url: entry.webhookUrl,
    emails: entry.emails,
    expires_at: entry.expiresAt === null ? null : new Date(entry.expiresAt).toISOString(),
    active: entry.active,
    created_at: new Date(entry.createdAt).toISOString(),
  };
}

/** What a webhook is told of a hit: nothing of whom else is told. */
export function boloMatch(event: StoredEvent, entry: WatchEntry): object {
  const { id, plate_pattern, description, priority } = boloView(entry);
  return {
    type: "bolo_match",
    bolo: { id, plate_pattern, description, priority },
    event: {
      id: event.id,
      timestamp: new Date(event.timestamp).toISOString(),
      plate: event.plateText,
      confidence: event.confidence,
      camera_id: event.cameraId,
      lane_id: event.laneId,
      zone_id: event.zoneId,
      decision: event.decision,
    },
  };
}
