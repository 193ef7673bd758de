import type { TransitQuery, Transits } from "../map/flows";
import type { BarrierOutcome } from "../messages";
import type { PageOf } from "../auth/ports";
import type { NewEvent, StoredEvent, WalkedEvent } from "./event";
import type { EventFilter, EventPage } from "./filters";
import type { ListName } from "./lists";
import type { EventStatistics, StatisticsQuery } from "./statistics";

/** What became of an event that was handed over to be stored. */
export type StoreOutcome = "created" | "updated" | "unchanged";

/** Something of an event changed and is committed. */
export interface EventChange {
  event: StoredEvent;
  change: "created" | "updated";
  /** True once per event: with this change it became final. */
  becameFinal: boolean;
}

/** Every method rejects with a StoreError on failure. */
export interface EventRepository {
  /** Stores an event once. @returns null where the id exists; then nothing is changed */
  create(event: NewEvent, now: number): Promise<EventChange | null>;
  /**
   * Stores an event, or brings the stored one up to date: a revision that is not
   * older replaces what is known, a decision or barrier outcome is never lost.
   */
  save(event: NewEvent, now: number): Promise<EventChange | null>;
  /** Adds what the barrier did. @returns the change, null where there is no such event */
  setBarrier(id: string, outcome: BarrierOutcome, now: number): Promise<EventChange | null>;
  /** Adds paths of pictures that were stored after the event. */
  setImages(id: string, images: ImagePaths, now: number): Promise<boolean>;
  get(id: string): Promise<StoredEvent | null>;
  list(filter: EventFilter, page: EventPage): Promise<PageOf<StoredEvent>>;
  count(filter: EventFilter): Promise<number>;
  statistics(query: StatisticsQuery): Promise<EventStatistics>;
  /**
   * The next events in the order of time, oldest first; for what goes through very many.
   * @param after the last one of the page before; null begins
   */
  walk(
    filter: EventFilter,
    after: { timestamp: number; id: string } | null,
    limit: number,
  ): Promise<WalkedEvent[]>;
  /** Decided passages by the list that decided. */
  byList(filter: EventFilter): Promise<Record<ListName, number>>;
  /** How vehicles went from camera to camera. */
  transits(query: TransitQuery): Promise<Transits>;
  /** Ids of all cameras that events name, registered or not. */
  cameraIds(): Promise<string[]>;
  /** @returns the event that was deleted, so that its pictures can go too */
  delete(id: string): Promise<StoredEvent | null>;
  /** Holds an event (with a reason) or releases it (null). */
  setHold(id: string, reason: string | null, now: number): Promise<boolean>;
}

export interface ImagePaths {
  frame: string | null;
  crop: string | null;
}

/** The pictures of one event as JPEG. */
export interface ImageData {
  frame: Buffer | null;
  crop: Buffer | null;
}

export interface ImageInfo {
  size: number;
  /** ms since the epoch */
  modifiedAt: number;
  /** A strong entity tag, quotes included. */
  etag: string;
  contentType: string;
}

export interface ImageStream extends ImageInfo {
  /** First and last byte that the stream gives, inclusive. */
  start: number;
  end: number;
  stream: AsyncIterable<Buffer>;
  /** Ends the stream early and releases its file; harmless after the end. */
  cancel(): void;
}

/** Where pictures are kept. Paths are relative, with "/" between folders. */
export interface ImageStore {
  readonly kind: "disk" | "s3";
  /** Stores the pictures of an event of this time; the same again is harmless. */
  put(eventId: string, timestamp: number, images: ImageData): Promise<ImagePaths>;
  /** @returns null where there is no such picture or the path leaves the store */
  info(path: string): Promise<ImageInfo | null>;
  /** @param range first and last byte, inclusive; `end` past the end is cut */
  open(path: string, range?: { start: number; end?: number }): Promise<ImageStream | null>;
  /** @returns false where there was no such picture */
  delete(path: string): Promise<boolean>;
  health(): Promise<ComponentHealth>;
  close(): Promise<void>;
}

/** The state of a part, for /healthz. */
export interface ComponentHealth {
  status: "healthy" | "degraded" | "unhealthy";
  responseTimeMs: number;
  error: string | null;
  details: Record<string, string | number | boolean | null>;
}
