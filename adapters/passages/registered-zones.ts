import { cameraRegistry } from "../config/camera-registry";
import { cameraZones, zoneOf, type CameraZone } from "../../core/config/camera-zones";
import type { FrameRef, Passage } from "../../core/messages";
import type { TrackerSettings } from "../../core/vision/tracking/settings";

/** What the configuration API says of a camera's picture. */
export interface RegisteredZones {
  zones: CameraZone[];
  /** The zone of what is in none of them. */
  fallback: string | null;
}

/** The zones of the configuration API for the camera of a frame. */
export function registeredZones(frame: FrameRef): RegisteredZones {
  const camera = cameraRegistry.camera(frame.cameraId);
  const zones = cameraZones(cameraRegistry.zonesOf(frame.cameraId), camera?.fields, frame);
  return { zones, fallback: camera?.fields.zone_id ?? null };
}

/** A tracker's settings with them: they take the place of the node's own zones. */
export function withZones(settings: TrackerSettings, { zones }: RegisteredZones): TrackerSettings {
  return zones.length === 0 ? settings : { ...settings, zones };
}

/** Notes the zone that a passage was in. */
export function placePassage(
  passage: Passage,
  { zones, fallback }: RegisteredZones,
  frame: { width: number; height: number },
): void {
  const zone = passage.best ? zoneOf(zones, passage.best.box, frame) : null;
  const id = zone ?? fallback;
  if (id !== null) passage.zoneId = id;
}

/** Changes when the zones of a camera do. */
export function zonesVersion(cameraId: string): string {
  const { resolution, zone_id: zone } = cameraRegistry.camera(cameraId)?.fields ?? {};
  const zones = cameraRegistry.zonesOf(cameraId).map(({ id, fields }) => [id, fields]);
  return JSON.stringify([resolution, zone, zones]);
}
