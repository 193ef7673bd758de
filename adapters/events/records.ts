import { StoreError } from "../../core/events/errors";
import type { NewEvent } from "../../core/events/event";
import type { ImageData } from "../../core/events/ports";
import type { BarrierOutcome } from "../../core/messages";

/** Something to store that can wait. */
export type EventRecord =
  | {
      kind: "event";
      event: NewEvent;
      images: ImageData;
      /** Stored only where nothing of this id is there; else left as it is. */
      once?: boolean;
    }
  | { kind: "barrier"; eventId: string; outcome: BarrierOutcome };

/** A record as bytes: length of the JSON, the JSON, the pictures one after the other. */
export function encodeRecord(record: EventRecord): Buffer {
  const images = record.kind === "event" ? record.images : { frame: null, crop: null };
  const body =
    record.kind === "event"
      ? {
          kind: record.kind,
          event: record.event,
          ...(record.once ? { once: true } : {}),
          frame: sizeOf(images.frame),
          crop: sizeOf(images.crop),
        }
      : record;
  const text = Buffer.from(JSON.stringify(body));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([
    length,
    text,
    images.frame ?? Buffer.alloc(0),
    images.crop ?? Buffer.alloc(0),
  ]);
}

/** The record that {@link encodeRecord} made. */
export function decodeRecord(data: Buffer): EventRecord {
  const length = data.length >= 4 ? data.readUInt32BE(0) : 0;
  if (length === 0) throw new StoreError("invalid", "an empty record waits");
  const body = JSON.parse(data.toString("utf8", 4, 4 + length)) as
    | {
        kind: "event";
        event: NewEvent;
        once?: boolean;
        frame: number | null;
        crop: number | null;
      }
    | Extract<EventRecord, { kind: "barrier" }>;
  if (body.kind === "barrier") return body;
  const start = 4 + length;
  const middle = start + (body.frame ?? 0);
  const images: ImageData = {
    frame: body.frame === null ? null : data.subarray(start, middle),
    crop: body.crop === null ? null : data.subarray(middle, middle + body.crop),
  };
  return { kind: "event", event: body.event, images, ...(body.once ? { once: true } : {}) };
}

/** About how much memory a record takes. */
export function recordBytes(record: EventRecord): number {
  if (record.kind === "barrier") return 1_000;
  const { frame, crop } = record.images;
  return 4_000 + (frame?.length ?? 0) + (crop?.length ?? 0) + record.event.votes.length * 500;
}

function sizeOf(data: Buffer | null): number | null {
  return data === null ? null : data.length;
}
