import type { StoredEvent } from "./event";

/** A final event with its place in the order in which final events were given out. */
export interface StreamItem {
  /** Counts without gaps, over restarts too. */
  seq: number;
  event: StoredEvent;
}

/** The written order of final events, so that a client can go on where it was. */
export interface StreamLog {
  /** The newest place; null where nothing was streamed yet. */
  last(): Promise<{ seq: number; at: number } | null>;
  /**
   * Writes the next places. Rejects with StoreError "conflict" where somebody else
   * has written after `last`: look at {@link after} and try again.
   */
  append(eventIds: string[], last: number, now: number): Promise<void>;
  /** Events after a place, oldest first; `through` is the last place that was looked at. */
  after(seq: number, limit: number): Promise<{ items: StreamItem[]; through: number }>;
  /** The place of an event; null where it is not known (any more). */
  placeOf(eventId: string): Promise<number | null>;
  /** Final events of vehicles seen since `since` (ms) that have no place. */
  unplaced(since: number, limit: number): Promise<StoredEvent[]>;
  /** Forgets places written before `before` (ms). @returns how many */
  purge(before: number): Promise<number>;
}
