import type { Request } from "express";
import { z } from "zod";
import type { StoredEvent } from "../../core/events/event";
import type { Review } from "../../core/review/ports";
import { isoTime, pictureLinks } from "../events/view";
import type { ApiServices } from "../services";

const time = z.string().describe("ISO 8601, UTC");

/** An event as clients of reference 3 see it. */
export const cityEventSchema = z.object({
  id: z.string(),
  plate: z.string(),
  raw_plate: z.string().describe("as it was read, also where a person has corrected it since"),
  confidence: z.number().nullable().describe("0 to 1"),
  region: z.string().nullable(),
  camera_id: z.string().nullable(),
  lane_id: z.string().nullable(),
  source: z.string(),
  job_id: z.string().nullable().describe("of the video that it was found in"),
  decision: z.string().nullable(),
  timestamp: time,
  created_at: time,
  frame_url: z.string().nullable().describe("signed, good for 15 minutes"),
  crop_url: z.string().nullable().describe("signed, good for 15 minutes"),
  status: z.enum(["unreviewed", "confirmed", "corrected"]),
  reviewed_by: z.string().nullable(),
  reviewed_at: time.nullable(),
  notes: z.string().nullable(),
});

/** Events with what people said of them. */
export async function cityEvents(
  events: readonly StoredEvent[],
  request: Request,
  services: ApiServices,
): Promise<z.infer<typeof cityEventSchema>[]> {
  const { reviews } = await services.store.open();
  const known = await reviews.of(events.map(({ id }) => id));
  return events.map((event) => view(event, known.get(event.id) ?? null, request, services));
}

function view(
  event: StoredEvent,
  review: Review | null,
  request: Request,
  { links }: ApiServices,
): z.infer<typeof cityEventSchema> {
  const link = pictureLinks(request, links);
  return {
    id: event.id,
    plate: event.plateText,
    raw_plate: event.rawText ?? event.plateText,
    confidence: event.confidence,
    region: event.region,
    camera_id: event.cameraId,
    lane_id: event.laneId,
    source: event.source,
    job_id: event.jobId ?? null,
    decision: event.decision,
    timestamp: isoTime(event.timestamp),
    created_at: isoTime(event.createdAt),
    frame_url: link(event, "frame"),
    crop_url: link(event, "crop"),
    status: review?.verdict ?? "unreviewed",
    reviewed_by: review?.actor ?? null,
    reviewed_at: review ? isoTime(review.reviewedAt) : null,
    notes: review?.notes ?? null,
  };
}
