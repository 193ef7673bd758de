import type { PageOf, PageRequest } from "../auth/ports";
import type { EventChange } from "../events/ports";
import type { DecisionResult } from "../messages";
import type { StoredEvent } from "../events/event";

/** What a person said of an event. */
export interface Review {
  eventId: string;
  verdict: "confirmed" | "corrected";
  actor: string;
  notes: string | null;
  /** ms since the epoch */
  reviewedAt: number;
}

/** Which events wait for a person. */
export interface PendingFilter {
  /** Reads less sure than this are looked at; null: every event that nobody has looked at. */
  below: number | null;
  cameraId?: string | undefined;
}

/** Which reviewed events. Times in ms since the epoch, inclusive. */
export interface ReviewedFilter {
  verdict?: Review["verdict"] | undefined;
  cameraId?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

/** What a person found of one read. */
export interface ReadOutcome {
  cameraId: string | null;
  /** Of the read, 0..1. */
  confidence: number | null;
  right: boolean;
  /** What a gate decided on it; null where none did. */
  decision: DecisionResult | null;
}

/** Every method rejects with a StoreError on failure. */
export interface ReviewRepository {
  /** The reviews of these events, by event. */
  of(eventIds: readonly string[]): Promise<Map<string, Review>>;
  /** The read is right. A later word counts in the place of an earlier one. */
  confirm(review: Omit<Review, "verdict">): Promise<void>;
  /**
   * The read is wrong: the event gets the right plate and keeps the raw read.
   * @param plateText normalised
   * @returns the change, null where there is no such event
   */
  correct(plateText: string, review: Omit<Review, "verdict">): Promise<EventChange | null>;
  /** Final events that wait for a person, newest first. */
  pending(filter: PendingFilter, page: PageRequest): Promise<PageOf<StoredEvent>>;
  /** Events that somebody has looked at, by their id, from after `afterId` on. */
  reviewed(filter: ReviewedFilter, afterId: string, limit: number): Promise<StoredEvent[]>;
  /** The newest reads that somebody has looked at, and whether they were right. */
  outcomes(filter: ReviewedFilter, limit: number): Promise<ReadOutcome[]>;
}
