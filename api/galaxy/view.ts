import type { Request } from "express";
import { z } from "zod";
import type { StoredEvent } from "../../core/events/event";
import type { Box, Corners } from "../../core/messages";
import { isoTime } from "../events/view";
import type { SignedLinks } from "../http/links";

const box = z
  .object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
  .describe("pixels of the picture");

/** A vehicle as clients of reference 5 see it. */
export const vehicleSchema = z.object({
  type: z.string().describe("unknown where it cannot be told"),
  color: z.string(),
  color_confidence: z.number().nullable(),
  size_class: z.string().describe("small, medium, large or unknown"),
  box: box.nullable(),
});

/** One stored detection. */
export const detectionSchema = z.object({
  id: z.string(),
  detection_id: z.string(),
  timestamp: z.string(),
  plate: z.string(),
  confidence: z.number().nullable().describe("0 to 1"),
  region: z.string().nullable(),
  source: z.string(),
  camera_id: z.string().nullable(),
  decision: z.string().nullable(),
  vehicle: vehicleSchema,
  image_url: z.string().nullable().describe("signed, good for 15 minutes"),
  crop_url: z.string().nullable().describe("signed, good for 15 minutes"),
  vehicle_url: z.string().nullable().describe("signed, good for 15 minutes"),
});

/** What an uploaded picture's event keeps of where things are in it. */
export interface UploadPlace {
  /** The first event of the same picture. */
  detectionId: string;
  /** Plates found in the picture. */
  plates: number;
  width: number;
  height: number;
  box: Box;
  corners: Corners | null;
  vehicleBox: Box | null;
}

/** The place of an uploaded picture's plate; null for events from elsewhere. */
export function placeOf(event: StoredEvent): UploadPlace | null {
  const { upload } = event.metadata as { upload?: UploadPlace };
  return event.source === "upload" && upload ? upload : null;
}

export function boxView([x, y, width, height]: Box): z.infer<typeof box> {
  return {
    x: Math.round(x),
    y: Math.round(y),
    width: Math.round(width),
    height: Math.round(height),
  };
}

/** `vehicle_info` as our own detection or any client's ingest has left it. */
export function vehicleView(info: unknown): z.infer<typeof vehicleSchema> {
  const given = (typeof info === "object" && info !== null ? info : {}) as Record<string, unknown>;
  const word = (value: unknown): string => (typeof value === "string" ? value : "unknown");
  const found = box.safeParse(given.bbox);
  return {
    type: word(given.type),
    color: word(given.color),
    color_confidence: typeof given.confidence === "number" ? given.confidence : null,
    size_class: word(given.size_class),
    box: found.success ? found.data : null,
  };
}

export type OutputKind = "uploaded" | "plates" | "vehicles";

/** Where a detection's picture is served (reference 5's folders). */
export function outputPath(kind: OutputKind, eventId: string): string {
  return `/outputs/${kind}/${encodeURIComponent(eventId)}.jpg`;
}

export function detectionView(
  event: StoredEvent,
  request: Request,
  links: SignedLinks,
): z.infer<typeof detectionSchema> {
  const vehicle = vehicleView(event.vehicleInfo);
  const url = (kind: OutputKind, there: boolean): string | null =>
    there ? links.url(request, outputPath(kind, event.id), event.revision) : null;
  return {
    id: event.id,
    detection_id: placeOf(event)?.detectionId ?? event.id,
    timestamp: isoTime(event.timestamp),
    plate: event.plateText,
    confidence: event.confidence,
    region: event.region,
    source: event.source,
    camera_id: event.cameraId,
    decision: event.decision,
    vehicle,
    image_url: url("uploaded", event.frame !== null),
    crop_url: url("plates", event.crop !== null),
    vehicle_url: url("vehicles", event.frame !== null && vehicle.box !== null),
  };
}
