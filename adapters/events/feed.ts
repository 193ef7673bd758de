import { EventEmitter } from "node:events";
import { StoreError } from "../../core/events/errors";
import type { StoredEvent } from "../../core/events/event";
import type { EventChange } from "../../core/events/ports";
import type { StreamItem, StreamLog } from "../../core/events/stream";
import { systemError } from "../database/errors";

export interface FeedParts {
  log: () => Promise<StreamLog>;
  /** Tells of events of this process after they are committed. */
  bus: EventEmitter<{ event: [EventChange] }>;
  /** Other processes write to the same database: look for their events too. */
  shared: boolean;
  clock: () => number;
  warn: (message: string) => void;
}

/** Places written with one commit. */
const BATCH = 200;
/** How often events of other processes are looked for, in ms. */
const TAIL_MS = 500;
/** After a failure it is tried again so much later, in ms. */
const RETRY_MS = 1_000;
/** At the start, events of this long that nobody was told of are looked for, in ms. */
const RECOVER_MS = 24 * 3_600_000;
/** How long a client may stay away and still go on where it was, in ms. */
const KEEP_MS = 7 * 24 * 3_600_000;
const PURGE_EVERY_MS = 3_600_000;

/**
 * Gives out every final event once, in an order that is written down before anybody
 * sees it. So a client that names its last event gets what came after: nothing
 * missing, nothing twice, also over a restart or at another process.
 */
export class EventFeed extends EventEmitter<{ item: [StreamItem] }> {
  /** The place of the newest event that was given out. */
  private place = 0;
  private users = 0;
  private running: Promise<void> | null = null;
  private pending: StoredEvent[] = [];
  private turn: Promise<void> = Promise.resolve();
  private timers: NodeJS.Timeout[] = [];
  private queued = false;
  private readonly listen = ({ event, becameFinal }: EventChange): void => {
    if (!becameFinal) return;
    this.pending.push(event);
    this.work();
  };

  constructor(private readonly parts: FeedParts) {
    super();
    this.setMaxListeners(0);
  }

  get seq(): number {
    return this.place;
  }

  /** Starts the feed for its first user. @returns what ends the use; the last one stops it */
  async acquire(): Promise<() => void> {
    this.users++;
    // after the work of an earlier use, so that no two count at once
    this.running ??= this.turn.then(() => this.start());
    try {
      await this.running;
    } catch (error) {
      this.release();
      throw error;
    }
    let released = false;
    return () => {
      if (!released) this.release();
      released = true;
    };
  }

  /** Events after a place, for who was away. */
  async after(seq: number, limit: number): Promise<{ items: StreamItem[]; through: number }> {
    return (await this.parts.log()).after(seq, limit);
  }

  /** The place of an event; null where it is not known. */
  async placeOf(eventId: string): Promise<number | null> {
    return (await this.parts.log()).placeOf(eventId);
  }

  private release(): void {
    this.users--;
    if (this.users > 0) return;
    this.running = null;
    this.parts.bus.off("event", this.listen);
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
    this.pending = [];
  }

  private async start(): Promise<void> {
    const { bus, shared, clock } = this.parts;
    bus.on("event", this.listen);
    const log = await this.parts.log();
    const last = await log.last();
    this.place = last?.seq ?? 0;
    if (last) {
      const missed = await log.unplaced(Math.min(last.at, clock()) - RECOVER_MS, 5_000);
      const known = new Set(this.pending.map(({ id }) => id));
      this.pending.unshift(...missed.filter(({ id }) => !known.has(id)));
    }
    if (this.users === 0) return;
    const purge = () => void log.purge(clock() - KEEP_MS).catch(() => undefined);
    this.timers.push(setInterval(purge, PURGE_EVERY_MS));
    if (shared) this.timers.push(setInterval(() => this.work(), TAIL_MS));
    for (const timer of this.timers) timer.unref();
    this.work();
  }

  /** One piece of work at a time; what comes meanwhile is done with the next. */
  private work(): void {
    if (this.queued) return;
    this.queued = true;
    this.turn = this.turn.then(async () => {
      this.queued = false;
      try {
        await this.advance();
      } catch (error) {
        if (this.users === 0) return;
        this.parts.warn(`the event stream waits: ${systemError(error).message}`);
        setTimeout(() => this.work(), RETRY_MS).unref();
      }
    });
  }

  private async advance(): Promise<void> {
    const log = await this.parts.log();
    if (this.parts.shared) await this.follow(log);
    while (this.pending.length > 0 && this.users > 0) {
      const batch = this.pending.slice(0, BATCH);
      const ids = batch.map(({ id }) => id);
      const last = this.place;
      try {
        await log.append(ids, last, this.parts.clock());
      } catch (error) {
        if (!(error instanceof StoreError) || error.code !== "conflict") throw error;
        await this.follow(log); // another process was first: its events go before ours
        continue;
      }
      this.pending = this.pending.filter((event) => !batch.includes(event));
      batch.forEach((event, i) => this.give({ seq: last + 1 + i, event }));
    }
  }

  /** Gives out what others have written. */
  private async follow(log: StreamLog): Promise<void> {
    for (;;) {
      const { items, through } = await log.after(this.place, BATCH);
      if (through === this.place) return;
      for (const item of items) this.give(item);
      this.place = through;
    }
  }

  private give(item: StreamItem): void {
    this.place = item.seq;
    this.emit("item", item);
  }
}
