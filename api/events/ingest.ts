import { randomUUID } from "node:crypto";
import { z } from "zod";
import { keptPicture } from "../../adapters/vision/kept-picture";
import { blankEvent, type NewEvent } from "../../core/events/event";
import type { Direction } from "../../core/messages";
import { normalisePlate } from "../../core/plates/normalise";
import { VisionError } from "../../core/vision/ports";
import { ApiError } from "../errors";
import { text, timeInput } from "../schemas";

/** Objects deeper than this are no data of a camera. */
const MAX_DEPTH = 32;

const DIRECTIONS = ["towards", "away", "unknown"] as const satisfies readonly Direction[];

const share = z.number().min(0).max(1);
const id = text(128).min(1);
const freeForm = z
  .record(z.string(), z.unknown())
  .refine((value) => isShallow(value, MAX_DEPTH), "is nested too deeply");

/** What clients of reference 2 were free to send in any shape, unread: what cannot be is left out. */
const about = <T extends z.ZodType<string>>(schema: T) => schema.nullish().catch(null);

/** The body of `POST /events/ingest`. */
export const ingestSchema = z.object({
  event_id: id.nullish().describe("idempotency key; a new UUID where it is missing"),
  timestamp: timeInput.nullish().describe("ISO 8601; the time of arrival where it is missing"),
  camera_id: id.nullish(),
  zone_id: id.nullish(),
  plate_text: text(128).refine(
    (plate) => normalisePlate(plate) !== "",
    "plate_text must hold a letter or digit",
  ),
  confidence: share.nullish(),
  raw_candidates: z
    .array(z.object({ text: text(128), confidence: share.nullish(), model: text(255).nullish() }))
    .max(200)
    .nullish(),
  vehicle_info: freeForm.nullish(),
  tpms_status: freeForm.nullish(),
  metadata: freeForm.nullish(),
  site_id: about(id).describe("of another Plategate, as the next three"),
  lane_id: about(id),
  region: about(text(64).min(1)),
  direction: about(z.enum(DIRECTIONS)),
});
export type IngestBody = z.output<typeof ingestSchema>;

/** The event that a client reports; its plate normalised. */
export function eventOfIngest(body: IngestBody, now: number): NewEvent {
  const plate = normalisePlate(body.plate_text);
  return {
    ...blankEvent(body.event_id ?? randomUUID(), body.timestamp ?? now, plate),
    siteId: body.site_id ?? null,
    laneId: body.lane_id ?? null,
    region: body.region ?? null,
    direction: body.direction ?? "unknown",
    cameraId: body.camera_id ?? null,
    zoneId: body.zone_id ?? null,
    confidence: body.confidence ?? null,
    candidates: (body.raw_candidates ?? []).map((candidate) => ({
      text: candidate.text,
      confidence: candidate.confidence ?? null,
      model: candidate.model ?? null,
    })),
    vehicleInfo: body.vehicle_info ?? null,
    tpmsStatus: body.tpms_status ?? null,
    metadata: body.metadata ?? {},
  };
}

/**
 * A picture as it is kept: a JPEG as it came, others as JPEG.
 * @throws ApiError 400 naming the field where it cannot be decoded
 */
export async function jpegOf(field: string, data: Buffer): Promise<Buffer> {
  try {
    return await keptPicture(data);
  } catch (error) {
    if (!(error instanceof VisionError)) throw error;
    throw ApiError.invalid("Invalid event data", [{ field, message: error.message }]);
  }
}

/** Whether an object's parts are nested no deeper; what is not looked at any more is too deep. */
function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((part) => isShallow(part, depth - 1));
}
