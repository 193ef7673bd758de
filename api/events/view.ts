import type { Request } from "express";
import { z } from "zod";
import type { StoredEvent } from "../../core/events/event";
import type { SignedLinks } from "../http/links";

const time = z.string().describe("ISO 8601, UTC");
const anything = z.record(z.string(), z.unknown());

/** An event as reference 2 writes it; the shape that other dialects are made from. */
export const eventViewSchema = z.object({
  id: z.string(),
  event_id: z.string(),
  timestamp: time,
  camera_id: z.string().nullable(),
  zone_id: z.string().nullable(),
  plate_text: z.string(),
  confidence: z.number().nullable(),
  raw_candidates: z.array(
    z.object({
      text: z.string(),
      confidence: z.number().nullable(),
      model: z.string().nullable(),
    }),
  ),
  frame_url: z.string().nullable().describe("signed, good for 15 minutes"),
  crop_url: z.string().nullable().describe("signed, good for 15 minutes"),
  vehicle_info: anything.nullable(),
  tpms_status: anything.nullable(),
  metadata: anything,
  created_at: time,
});
export type EventView = z.infer<typeof eventViewSchema>;

/** Makes the address of an event's picture; null where there is none. */
export type PictureLink = (event: StoredEvent, picture: "frame" | "crop") => string | null;

/** Addresses for the caller of a request, signed. */
export function pictureLinks(request: Request, links: SignedLinks): PictureLink {
  return (event, picture) =>
    event[picture] ? links.url(request, picturePath(event.id, picture), event.revision) : null;
}

/** Where an event's picture is served, percent-encoded. */
export function picturePath(eventId: string, picture: "frame" | "crop"): string {
  return `/events/${encodeURIComponent(eventId)}/${picture}.jpg`;
}

/**
 * An event as clients of reference 2 know it.
 * @param link none where nobody asks over HTTP (streams, exporters): then without addresses
 */
export function eventView(event: StoredEvent, link: PictureLink | null): EventView {
  return {
    id: event.id,
    event_id: event.id,
    timestamp: isoTime(event.timestamp),
    camera_id: event.cameraId,
    zone_id: event.zoneId,
    plate_text: event.plateText,
    confidence: event.confidence,
    raw_candidates: event.candidates.map(({ text, confidence, model }) => ({
      text,
      confidence,
      model,
    })),
    frame_url: link?.(event, "frame") ?? null,
    crop_url: link?.(event, "crop") ?? null,
    vehicle_info: objectOrNull(event.vehicleInfo),
    tpms_status: objectOrNull(event.tpmsStatus),
    metadata: event.metadata,
    created_at: isoTime(event.createdAt),
  };
}

/** A time in ms since the epoch as ISO 8601 in UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function objectOrNull(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
}
