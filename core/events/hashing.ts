import { createHmac } from "node:crypto";
import type { NewEvent } from "./event";

/**
 * The keyed hash that stands for a plate where it need not be readable: "~" and 32
 * hex digits of HMAC-SHA-256. Without a key so small a space could be tried through.
 */
export function hashPlate(plate: string, key: Buffer): string {
  return `~${createHmac("sha256", key).update(plate).digest("hex").slice(0, 32)}`;
}

/**
 * An event of an unknown vehicle with its plate as a keyed hash, and without all that
 * would show the plate: candidates, votes, pictures. Others are given back as they are.
 */
export function hidePlate(event: NewEvent, key: Buffer): NewEvent {
  if (event.retentionClass !== "unknown" || event.plateText.startsWith("~")) return event;
  return {
    ...event,
    plateText: hashPlate(event.plateText, key),
    rawText: null,
    candidates: [],
    votes: [],
    trace: event.trace && { ...event.trace, votes: [] },
    frame: null,
    crop: null,
  };
}
