import { createHmac } from "node:crypto";
import type { DecisionTrace } from "../messages";
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
  if (event.retentionClass !== "unknown" || isHashed(event.plateText)) return event;
  return {
    ...event,
    plateText: hashPlate(event.plateText, key),
    rawText: null,
    candidates: [],
    votes: [],
    trace: event.trace && withoutPlate(event.trace),
    frame: null,
    crop: null,
  };
}

/** The trace without what shows the plate: reads, facts for a replay, details of the checks. */
function withoutPlate({ clock, listVersion, steps }: DecisionTrace): DecisionTrace {
  return {
    clock,
    listVersion,
    votes: [],
    steps: steps.map(({ check, outcome }) => ({ check, outcome, detail: "" })),
  };
}

/** Whether a stored plate is a keyed hash and not a text. */
export function isHashed(plate: string): boolean {
  return plate.startsWith("~");
}
