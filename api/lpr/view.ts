import type { StoredEvent } from "../../core/events/event";
import type { LprCamera } from "../../core/lpr/ports";
import type { SignedLinks } from "../http/links";
import type { CameraState } from "./cameras";

/** An event as the LPR server's clients see it: confidence in per cent. */
export function recordView(
  event: StoredEvent,
  origin: string,
  links: SignedLinks,
): Record<string, unknown> {
  const picture = (kind: "frame" | "crop"): string | null => {
    if (event[kind] === null) return null;
    const path = `/api/records/${encodeURIComponent(event.id)}/${kind}.jpg`;
    return `${origin}${links.signed(path, event.revision)}`;
  };
  return {
    record_id: event.id,
    camera_id: event.cameraId,
    plate_number: event.plateText,
    confidence: perCent(event.confidence),
    location: typeof event.metadata.location === "string" ? event.metadata.location : null,
    lane_id: event.laneId,
    decision: event.decision,
    reason: event.reason,
    timestamp: new Date(event.timestamp).toISOString(),
    image_url: picture("frame"),
    crop_url: picture("crop"),
  };
}

export function cameraView(camera: LprCamera & { state: CameraState }): Record<string, unknown> {
  return {
    camera_id: camera.id,
    status: camera.state,
    location: camera.location,
    registered_at: new Date(camera.registeredAt).toISOString(),
    last_seen: new Date(camera.lastSeenAt).toISOString(),
  };
}

/** 0..1 as per cent, two decimals. */
export function perCent(confidence: number | null): number | null {
  return confidence === null ? null : Math.round(confidence * 10_000) / 100;
}
