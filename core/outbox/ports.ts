import type { PageOf, PageRequest } from "../auth/ports";
import type { StoredEvent } from "../events/event";
import type { Settlement } from "./settle";
import type {
  OutboxItem,
  OutboxRecord,
  OutboxState,
  Outcome,
  Refusals,
  RetryPolicy,
  TargetReport,
  TargetState,
} from "./types";

/** An item with the event it is about, as it is stored now. */
export interface Delivery {
  item: OutboxItem;
  /** Null where the item is about no event, or the event was deleted since. */
  event: StoredEvent | null;
}

/** Somewhere things are sent to. */
export interface OutboxTarget {
  /** Stays the same over restarts: what waits is kept under it. */
  readonly id: string;
  readonly name: string;
  readonly retry: RetryPolicy;
  /** Lanes that are sent at the same time. */
  readonly concurrency: number;
  /** Items of a lane that one call of `deliver` may take. */
  readonly batch: number;
  /** The lane of what an event brings; absent: the event's own. One lane keeps everything in order. */
  laneOf?(event: StoredEvent): string;
  /** Whether a final event goes to this target; absent: none does. */
  wants?(event: StoredEvent): boolean;
  /** When sending is next allowed (digest, quiet hours), ms since the epoch; at once: `now`. */
  opensAt?(now: number): number;
  /** Sends items of one lane in their order. @returns an outcome each; it does not reject */
  deliver(deliveries: readonly Delivery[], signal: AbortSignal): Promise<Outcome[]>;
  close(): Promise<void>;
}

/** Makes what must go out because of an event; asked by who stores the event. */
export interface EventOutbox {
  /** Items of an event that just became final, to be written in its transaction. */
  itemsOf(event: StoredEvent): OutboxItem[];
  /** They are committed. */
  written(items: readonly OutboxItem[]): void;
}

export interface OutboxFilter {
  target?: string | undefined;
  state?: OutboxState | undefined;
}

/** What waits to go out, in the database. Every method rejects with a StoreError. */
export interface OutboxRepository {
  /** Adds items; one whose id is there already changes nothing. */
  add(items: readonly OutboxItem[]): Promise<void>;
  /**
   * Takes or renews the right to send to a target.
   * @returns how the target is doing, null where another process has it
   */
  lease(target: string, owner: string, now: number, until: number): Promise<TargetState | null>;
  /** Renews all leases of an owner. */
  renew(owner: string, until: number): Promise<void>;
  /** Gives all leases of an owner back. */
  release(owner: string): Promise<void>;
  /** Items that wait, in their order, but none of these lanes and none after `before`. */
  waiting(
    target: string,
    but: { lanes: readonly string[]; after: number },
    limit: number,
  ): Promise<OutboxItem[]>;
  /** The events that items are about, as they are now; those that are gone are missing. */
  eventsOf(items: readonly OutboxItem[]): Promise<Map<string, StoredEvent>>;
  /** Writes what became of items and of their target, all or none. */
  settle(
    target: string,
    settlements: readonly Settlement[],
    state: TargetState,
    now: number,
  ): Promise<void>;
  list(filter: OutboxFilter, page: PageRequest): Promise<PageOf<OutboxRecord>>;
  get(id: string): Promise<OutboxRecord | null>;
  /** Dead letters wait again, from their first try. @returns how many */
  resend(which: { id: string } | { target: string }): Promise<number>;
  /** Deletes what waits or is dead. @returns how many */
  drop(which: { id: string } | { target: string; state: OutboxState }): Promise<number>;
  reports(): Promise<TargetReport[]>;
  /** Notes that items were not taken. */
  refused(target: string, refusals: Refusals): Promise<void>;
  /** Forgets what was delivered before this time. @returns how many */
  purge(before: number): Promise<number>;
}
