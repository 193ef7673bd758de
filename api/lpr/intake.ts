import { randomUUID } from "node:crypto";
import { keptPicture, pictureBytes } from "../../adapters/vision/kept-picture";
import type { EventWriter } from "../../adapters/events/writer";
import { eventOfPassage, type StoredEvent } from "../../core/events/event";
import type { Passage } from "../../core/messages";
import { normalisePlate } from "../../core/plates/normalise";
import { VisionError } from "../../core/vision/ports";
import type { DecisionWaiter } from "./decisions";
import { LprError, READ_FIELDS, type LprRead, type TextKey } from "./messages";

/** Bytes of pictures that are looked at or stored at the same time; more is refused. */
const MAX_BYTES_AT_ONCE = 256 * 1024 * 1024;
/** A camera's own fields are kept up to this length as JSON. */
const MAX_EXTRA = 4_096;

export interface IntakeParts {
  writer: EventWriter;
  decisions: DecisionWaiter;
  /** The lane a camera belongs to, if any. */
  laneOf: (cameraId: string) => string | null;
  /** Whether a flow is there that decides. */
  hasGate: () => boolean;
  /** Hands the passage of a camera with a lane to the flow, which decides. */
  decide: (passage: Passage) => void;
  /** The event of a camera with a lane, with its decision or when the time for that is over. */
  decided: (event: StoredEvent) => void;
}

/** What became of a read. */
export interface Taken {
  passage: Passage;
  /** Null while it waits to be stored. */
  event: StoredEvent | null;
  warning: TextKey | null;
}

/** Takes a camera's reads: stores each as an event and, where it has a lane, has the flow decide. */
export class Intake {
  private bytes = 0;
  private readonly deciding = new Set<string>();

  constructor(private readonly parts: IntakeParts) {}

  /**
   * @returns after the record is durable and, where the camera has a lane, decided or
   * the time for that is over
   * @throws LprError for what cannot be a record, or while too much is under way
   */
  async take(cameraId: string, read: LprRead, now: number): Promise<Taken> {
    const plate = normalisePlate(read.plate_number);
    if (plate === "") throw new LprError("VALIDATION_ERROR", "no_plate");
    const size = read.image_data?.length ?? 0;
    if (this.bytes + size > MAX_BYTES_AT_ONCE) throw new LprError("SERVICE_UNAVAILABLE", "busy");
    this.bytes += size;
    try {
      return await this.store(cameraId, plate, read, now);
    } finally {
      this.bytes -= size;
    }
  }

  /** Whether an event is on its way to its decision. */
  isDeciding(eventId: string): boolean {
    return this.deciding.has(eventId);
  }

  private async store(cameraId: string, plate: string, read: LprRead, now: number): Promise<Taken> {
    const { frame, warning } = await pictureOf(read);
    const laneId = this.parts.laneOf(cameraId);
    const passage = passageOf(cameraId, laneId, plate, read, frame, now);
    const gate = laneId !== null && this.parts.hasGate();
    if (gate) this.deciding.add(passage.id);
    try {
      const { event, waiting } = await this.write(passage, read);
      const decided = gate ? await this.decide(passage, event) : event;
      return { passage, event: decided, warning: waiting ? "waiting" : warning };
    } finally {
      this.deciding.delete(passage.id);
    }
  }

  private async write(
    passage: Passage,
    read: LprRead,
  ): Promise<{ event: StoredEvent | null; waiting: boolean }> {
    const event = eventOfPassage(passage, null, null, { siteId: null, zoneId: null });
    if (read.confidence === null || read.confidence === undefined) event.confidence = null;
    event.metadata = { location: read.location ?? null, ...extraOf(read) };
    const { images } = passage;
    const result = await this.parts.writer.write({ kind: "event", event, images });
    return { event: result.waiting ? null : result.event, waiting: result.waiting };
  }

  private async decide(passage: Passage, stored: StoredEvent | null): Promise<StoredEvent | null> {
    const decision = this.parts.decisions.wait(passage.id);
    this.parts.decide(passage);
    const event = (await decision) ?? stored;
    this.deciding.delete(passage.id);
    if (event) this.parts.decided(event);
    return event;
  }
}

async function pictureOf(
  read: LprRead,
): Promise<{ frame: Buffer | null; warning: TextKey | null }> {
  const given = read.image_data;
  if (given === null || given === undefined || given.length === 0) {
    return { frame: null, warning: null };
  }
  try {
    const bytes = typeof given === "string" ? pictureBytes(given) : given;
    return { frame: await keptPicture(bytes), warning: null };
  } catch (error) {
    if (error instanceof VisionError) return { frame: null, warning: "no_picture" };
    throw error;
  }
}

/** One read that a camera made is a passage with one vote: it has watched it to its end. */
function passageOf(
  cameraId: string,
  laneId: string | null,
  text: string,
  read: LprRead,
  frame: Buffer | null,
  now: number,
): Passage {
  const confidence = (read.confidence ?? 0) / 100;
  return {
    id: randomUUID(),
    cameraId,
    laneId,
    state: "final",
    revision: 1,
    text,
    confidence,
    characters: [],
    region: null,
    reads: 1,
    votes: [{ text, confidence, characters: [], capturedAt: now, box: [0, 0, 0, 0] }],
    direction: "unknown",
    firstSeen: now,
    lastSeen: now,
    firstReadable: now,
    best: null,
    images: { frame, crop: null },
  };
}

function extraOf(read: LprRead): Record<string, unknown> {
  const own = Object.entries(read).filter(([name]) => !READ_FIELDS.includes(name));
  if (own.length === 0) return {};
  const extra = Object.fromEntries(own.filter(([, value]) => !Buffer.isBuffer(value)));
  return JSON.stringify(extra).length <= MAX_EXTRA ? { camera_fields: extra } : {};
}
