import { StoreError } from "../../core/events/errors";
import type { NewEvent, StoredEvent } from "../../core/events/event";
import type {
  ComponentHealth,
  EventChange,
  EventRepository,
  ImagePaths,
  ImageStore,
} from "../../core/events/ports";
import { systemError } from "../database/errors";
import { decodeRecord, encodeRecord, recordBytes, type EventRecord } from "./records";
import type { Spool, SpoolPlace } from "./spool";

export interface WriterLimits {
  /** Records that may wait in memory alone, where not even the spool file takes them. */
  memoryRecords: number;
  memoryBytes: number;
  /** Waiting between tries: doubles from the first to the second. */
  retryMs: [first: number, longest: number];
}

export const WRITER_LIMITS: WriterLimits = {
  memoryRecords: 1_000,
  memoryBytes: 64 * 1024 * 1024,
  retryMs: [500, 15_000],
};

export interface WriterParts {
  repository: () => Promise<EventRepository>;
  images: ImageStore;
  spool: Spool;
  publish: (change: EventChange) => void;
  clock: () => number;
  /** Events whose pictures are not kept, since they would show a hidden plate. */
  hidesPictures?: (event: NewEvent) => boolean;
  log: (level: "info" | "warn" | "error", message: string) => void;
  limits?: WriterLimits;
}

/** What became of a record: stored now, or it waits and will be. */
export type WriteResult =
  | { waiting: false; event: StoredEvent | null; changed: boolean }
  | { waiting: true; reason: StoreError };

/** Where a record must be that waits: on the disk, or in memory where the disk takes none. */
export type WriteNeed = "disk" | "memory";

/** Events whose pictures are known to be written. */
const REMEMBERED = 200;

interface Waiting {
  place: SpoolPlace | null;
  record: EventRecord | null;
  bytes: number;
}

/**
 * Stores events with their pictures. When the database or disk does not take them
 * they wait, in the spool file or in memory, and go in later in their order.
 * Storing is idempotent, so a record that is tried twice is stored once.
 */
export class EventWriter {
  private readonly queue: Waiting[] = [];
  private readonly limits: WriterLimits;
  private memoryBytes = 0;
  private memoryRecords = 0;
  private refused = 0;
  private lastError: StoreError | null = null;
  private timer: NodeJS.Timeout | null = null;
  private flushing: Promise<void> | null = null;
  private closed = false;
  private tries = 0;
  private readonly started: Promise<void>;
  private readonly written = new Map<string, { version: string; paths: ImagePaths }>();
  /** Ids of records to store once that are on their way or wait. */
  private readonly underway = new Set<string>();

  constructor(private readonly parts: WriterParts) {
    this.limits = parts.limits ?? WRITER_LIMITS;
    this.started = this.start();
  }

  /**
   * Stores a record, or lets it wait. A record to store `once` whose id is known is
   * left out (`changed` false). Rejects with StoreError "invalid" or "conflict" for data
   * that can never be stored, "bound" where no more may wait, "closed" after close.
   * @param need "disk" for a record whose sender keeps it until it is stored: it never waits
   *   in memory alone, which rejects with what keeps it from the disk
   */
  async write(record: EventRecord, need: WriteNeed = "memory"): Promise<WriteResult> {
    if (record.kind === "barrier" || !record.once) return this.writeNow(record, need);
    const { id } = record.event;
    if (this.underway.has(id)) return { waiting: false, event: null, changed: false };
    this.underway.add(id);
    let waits = false;
    try {
      const result = await this.writeNow(record, need);
      waits = result.waiting;
      return result;
    } finally {
      if (!waits) this.underway.delete(id);
    }
  }

  private async writeNow(record: EventRecord, need: WriteNeed): Promise<WriteResult> {
    await this.started;
    if (this.closed) throw new StoreError("closed", "the store is closed");
    if (this.queue.length > 0) return this.wait(record, this.lastError, need);
    try {
      return await this.persist(record);
    } catch (thrown) {
      const error = systemError(thrown);
      if (!mayWait(error)) throw error;
      return await this.wait(record, error, need);
    }
  }

  /** Records that wait. */
  waiting(): number {
    return this.queue.length;
  }

  health(): ComponentHealth {
    const waiting = this.queue.length;
    return {
      status: waiting === 0 && this.lastError === null ? "healthy" : "degraded",
      responseTimeMs: 0,
      error: waiting > 0 ? (this.lastError?.message ?? "events wait") : null,
      details: {
        waiting,
        waiting_in_memory: this.memoryRecords,
        spool_bytes: this.parts.spool.used(),
        refused: this.refused,
      },
    };
  }

  /** Tries now instead of at the next turn; resolves when that try is over. */
  async flush(): Promise<void> {
    await this.started;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.flushing ??= this.drain().finally(() => {
      this.flushing = null;
      if (this.queue.length > 0) this.schedule();
    });
    return this.flushing;
  }

  /** Tries once more, then leaves what waits in the spool file for the next start. */
  async close(): Promise<void> {
    await this.started;
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await (this.flushing ?? this.drain());
    const lost = this.queue.filter((waiting) => waiting.place === null).length;
    if (lost > 0) this.parts.log("error", `${lost} events that waited in memory are lost`);
    await this.parts.spool.close();
  }

  private async start(): Promise<void> {
    try {
      for (const place of await this.parts.spool.open()) {
        this.queue.push({ place, record: null, bytes: place.length });
      }
    } catch (error) {
      this.parts.log("warn", `no spool file, events can wait in memory only: ${String(error)}`);
    }
    if (this.queue.length === 0) return;
    this.parts.log("info", `${this.queue.length} events wait from before`);
    this.schedule();
  }

  private async persist(record: EventRecord): Promise<WriteResult> {
    const { publish, clock } = this.parts;
    const repository = await this.parts.repository();
    let change: EventChange | null;
    let id: string;
    if (record.kind === "barrier") {
      id = record.eventId;
      change = await repository.setBarrier(id, record.outcome, clock());
    } else {
      const { event } = record;
      id = event.id;
      const known = record.once ? await repository.get(id) : null;
      if (known) return { waiting: false, event: known, changed: false };
      const paths = await this.putImages(record);
      const frame = paths.frame ?? event.frame;
      const crop = paths.crop ?? event.crop;
      const complete = { ...event, frame, crop };
      change = record.once
        ? await repository.create(complete, clock())
        : await repository.save(complete, clock());
    }
    this.lastError = null;
    if (change) publish(change);
    const event = change?.event ?? (await repository.get(id));
    return { waiting: false, event, changed: change !== null };
  }

  /** A passage arrives several times (decision, barrier): its pictures are written once a revision. */
  private async putImages(record: EventRecord & { kind: "event" }): Promise<ImagePaths> {
    const { event, images } = record;
    if (this.parts.hidesPictures?.(event)) return { frame: null, crop: null };
    const version = [event.revision, images.frame?.length, images.crop?.length].join();
    const known = this.written.get(event.id);
    if (known?.version === version) return known.paths;
    const paths = await this.parts.images.put(event.id, event.timestamp, images);
    this.written.set(event.id, { version, paths });
    const [oldest] = this.written.keys();
    if (this.written.size > REMEMBERED && oldest !== undefined) this.written.delete(oldest);
    return paths;
  }

  private async wait(
    record: EventRecord,
    reason: StoreError | null,
    need: WriteNeed,
  ): Promise<WriteResult> {
    const error = reason ?? new StoreError("unavailable", "earlier events wait");
    this.lastError = error;
    const bytes = recordBytes(record);
    const entry: Waiting = { place: null, record, bytes };
    // in line before the file is written, so that what comes after stays after
    this.queue.push(entry);
    this.memoryRecords++;
    this.memoryBytes += bytes;
    try {
      entry.place = await this.parts.spool.append(encodeRecord(record));
      this.release(entry);
      // it went in while the file was written
      if (!this.queue.includes(entry)) await this.wipe();
    } catch (thrown) {
      this.mayStay(entry, systemError(thrown), need);
    }
    this.schedule();
    return { waiting: true, reason: error };
  }

  /** A record that the file did not take stays in memory, where that is enough, within the bound. */
  private mayStay(entry: Waiting, why: StoreError, need: WriteNeed): void {
    const { memoryRecords, memoryBytes } = this.limits;
    const fits = this.memoryRecords <= memoryRecords && this.memoryBytes <= memoryBytes;
    if (need === "memory" && fits) return;
    if (!this.takeOut(entry)) return; // it went in meanwhile
    if (need === "disk") {
      this.schedule(); // so that the health is found out again, also where nothing else waits
      throw new StoreError("unavailable", `neither the store nor a file takes it: ${why.message}`);
    }
    this.refused++;
    throw new StoreError("bound", `the store is down and no more may wait: ${why.message}`);
  }

  /** @returns false where it waits no more */
  private takeOut(entry: Waiting): boolean {
    const at = this.queue.indexOf(entry);
    if (at >= 0) this.queue.splice(at, 1);
    this.release(entry);
    return at >= 0;
  }

  private release(entry: Waiting): void {
    if (!entry.record) return;
    entry.record = null;
    this.memoryRecords--;
    this.memoryBytes -= entry.bytes;
  }

  private schedule(): void {
    if (this.timer || this.flushing || this.closed) return;
    const [first, longest] = this.limits.retryMs;
    const delay = Math.min(longest, first * 2 ** Math.min(this.tries, 10));
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.flush();
    }, delay);
    this.timer.unref();
  }

  private async drain(): Promise<void> {
    for (let head = this.queue[0]; head; head = this.queue[0]) {
      let record = head.record;
      try {
        record ??= await this.load(head.place);
        await this.persist(record);
      } catch (thrown) {
        const error = systemError(thrown);
        if (mayWait(error)) {
          this.lastError = error;
          this.tries++;
          return;
        }
        this.refused++;
        this.parts.log("error", `an event that waited cannot be stored: ${error.message}`);
      }
      if (record?.kind === "event") this.underway.delete(record.event.id);
      this.tries = 0;
      this.takeOut(head); // by name: it may have been taken back while it was stored
    }
    this.lastError = null;
    await this.wipe();
  }

  private async load(place: SpoolPlace | null): Promise<EventRecord> {
    if (!place) throw new StoreError("invalid", "a record without a place waits");
    return decodeRecord(await this.parts.spool.read(place));
  }

  private async wipe(): Promise<void> {
    try {
      await this.parts.spool.reset(() => this.queue.length === 0);
    } catch (error) {
      this.parts.log("warn", `the spool file cannot be wiped: ${String(error)}`);
    }
  }
}

function mayWait(error: StoreError): boolean {
  return error.transient || error.code === "closed";
}
