import type { Compilable, Transaction } from "kysely";
import type { PageOf } from "../../../core/auth/ports";
import { StoreError } from "../../../core/events/errors";
import {
  storedOf,
  type NewEvent,
  type StoredEvent,
  type WalkedEvent,
} from "../../../core/events/event";
import type { ListName } from "../../../core/events/lists";
import type { EventFilter, EventPage } from "../../../core/events/filters";
import { hidePlate } from "../../../core/events/hashing";
import { mergeBarrier, mergeEvent } from "../../../core/events/merge";
import type { EventChange, EventRepository, ImagePaths } from "../../../core/events/ports";
import type { EventOutbox } from "../../../core/outbox/ports";
import type { EventStatistics, StatisticsQuery } from "../../../core/events/statistics";
import type { TransitQuery, Transits } from "../../../core/map/flows";
import type { BarrierOutcome } from "../../../core/messages";
import type { OutboxItem } from "../../../core/outbox/types";
import type { Schema } from "../schema";
import type { Database } from "../types";
import { countChange, countRow } from "./event-count-rows";
import { EventCounts } from "./event-counts";
import { EventList } from "./event-list";
import { eventOf, eventRow, gramRows, readRows } from "./event-rows";
import { eventStatistics } from "./event-statistics";
import { countsByList } from "./event-lists";
import { eventTransits } from "./event-transits";
import { walkEvents } from "./event-walk";
import { InsertTemplates } from "./insert-templates";
import { insertionsWithEvent, outboxRow } from "./outbox-rows";
import { flag, json, orIgnore } from "./rows";

/** Hides plates of unknown vehicles, and finds those that are hidden. */
export interface EventHashing {
  key: Buffer | null;
  hide: boolean;
  /** Plates that are looked for stay readable: who looks must be told which it was. */
  wanted?: (event: NewEvent) => boolean;
}

/** Events in the database. */
export class DatabaseEvents implements EventRepository {
  private readonly lists: EventList;
  private readonly inserts: InsertTemplates;

  constructor(
    private readonly database: Database,
    private readonly hashing: EventHashing = { key: null, hide: false },
    private readonly outbox: EventOutbox | null = null,
  ) {
    this.lists = new EventList(database, hashing.key);
    this.inserts = new InsertTemplates(database);
  }

  create(given: NewEvent, now: number): Promise<EventChange | null> {
    return this.insertOnce(this.hidden(given), now);
  }

  async save(given: NewEvent, now: number): Promise<EventChange | null> {
    const event = this.hidden(given);
    const created = await this.insertOnce(event, now);
    if (created) return created;
    return this.change(event.id, async (stored, transaction) => {
      const merged = mergeEvent(stored, event);
      if (!merged) return null;
      await this.update(transaction, stored, merged, now);
      return storedOf(merged, { createdAt: stored.createdAt, updatedAt: now });
    });
  }

  setBarrier(id: string, outcome: BarrierOutcome, now: number): Promise<EventChange | null> {
    return this.change(id, async (stored, transaction) => {
      const merged = mergeBarrier(stored, outcome);
      await transaction
        .updateTable("events")
        .set({
          barrier_json: json(merged.barrier),
          time_to_open_ms: merged.timeToOpenMs,
          updated_at: now,
        })
        .where("id", "=", id)
        .execute();
      return { ...stored, ...merged, updatedAt: now };
    });
  }

  /**
   * Puts the right plate in the place of a wrong one; the raw read is kept.
   * @param also done in the same transaction, with the event as it was
   */
  correct(
    id: string,
    plateText: string,
    now: number,
    also: (before: StoredEvent, transaction: Transaction<Schema>) => Promise<void>,
  ): Promise<EventChange | null> {
    return this.change(id, async (stored, transaction) => {
      const rawText = stored.rawText ?? stored.plateText;
      const corrected = { ...stored, plateText, rawText, votes: [] };
      await this.update(transaction, stored, corrected, now);
      await also(stored, transaction);
      return storedOf(corrected, { createdAt: stored.createdAt, updatedAt: now });
    });
  }

  async setImages(id: string, images: ImagePaths, now: number): Promise<boolean> {
    const result = await this.database.db
      .updateTable("events")
      .set({ frame_path: images.frame, crop_path: images.crop, updated_at: now })
      .where("id", "=", id)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  cameraIds(): Promise<string[]> {
    return new EventCounts(this.database).cameras();
  }

  async get(id: string): Promise<StoredEvent | null> {
    const row = await this.database.db
      .selectFrom("events")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
    return row ? eventOf(row) : null;
  }

  list(filter: EventFilter, page: EventPage): Promise<PageOf<StoredEvent>> {
    return this.lists.page(filter, page);
  }

  async count(filter: EventFilter): Promise<number> {
    const page: EventPage = { skip: 0, limit: 0, sortBy: "timestamp", sortOrder: "desc" };
    return (await this.list(filter, page)).total;
  }

  statistics(query: StatisticsQuery): Promise<EventStatistics> {
    return eventStatistics(this.database, query, this.hashing.key);
  }

  walk(
    filter: EventFilter,
    after: { timestamp: number; id: string } | null,
    limit: number,
  ): Promise<WalkedEvent[]> {
    return walkEvents(this.database, this.hashing.key, filter, after, limit);
  }

  byList(filter: EventFilter): Promise<Record<ListName, number>> {
    return countsByList(this.database, filter, this.hashing.key);
  }

  transits(query: TransitQuery): Promise<Transits> {
    return eventTransits(this.database, query);
  }

  async delete(id: string): Promise<StoredEvent | null> {
    return this.database.transaction(async (transaction) => {
      const stored = await this.locked(transaction, id);
      if (!stored) return null;
      await transaction.deleteFrom("outbox").where("event_id", "=", id).execute();
      await transaction.deleteFrom("events").where("id", "=", id).execute();
      await transaction.insertInto("event_counts").values(countRow(stored, -1)).execute();
      await transaction
        .deleteFrom("plate_grams")
        .where("plate_text", "=", stored.plateText)
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom("events")
                .select("events.id")
                .where("plate_text", "=", stored.plateText),
            ),
          ),
        )
        .execute();
      return stored;
    });
  }

  async setHold(id: string, reason: string | null, now: number): Promise<boolean> {
    const result = await this.database.db
      .updateTable("events")
      .set({ held: flag(reason !== null), hold_reason: reason, updated_at: now })
      .where("id", "=", id)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  /** Stores an event with all that belongs to it, in one transaction. @returns null where its id exists */
  private async insertOnce(event: NewEvent, now: number): Promise<EventChange | null> {
    const stored = storedOf(event, { createdAt: now, updatedAt: now });
    const becameFinal = stored.state === "final";
    const items = becameFinal ? (this.outbox?.itemsOf(stored) ?? []) : [];
    try {
      await this.database.batch([
        ...this.insertion(event, now),
        ...insertionsWithEvent(this.database, items, now),
      ]);
    } catch (error) {
      const known = error instanceof StoreError && error.code === "conflict";
      if (known && (await this.exists(event.id))) return null;
      throw error;
    }
    this.outbox?.written(items);
    return { event: stored, change: "created", becameFinal };
  }

  private async exists(id: string): Promise<boolean> {
    const query = this.database.db.selectFrom("events").select("id").where("id", "=", id);
    return (await query.executeTakeFirst()) !== undefined;
  }

  private hidden(event: NewEvent): NewEvent {
    const { key, hide, wanted } = this.hashing;
    return key && hide && !wanted?.(event) ? hidePlate(event, key) : event;
  }

  /** The statements that store an event; the first fails where its id exists. */
  private insertion(event: NewEvent, now: number): Compilable[] {
    const row = { ...eventRow(event), created_at: now, updated_at: now };
    const grams = gramRows(event.plateText);
    const reads = readRows(event);
    const { inserts } = this;
    const list = [
      inserts.insert("events", [row]),
      inserts.insert("event_counts", [countRow(event, 1)]),
    ];
    if (grams.length) list.push(inserts.insert("plate_grams", grams, true));
    if (reads.length) list.push(inserts.insert("reads", reads, true));
    return list;
  }

  private async update(
    transaction: Transaction<Schema>,
    before: StoredEvent,
    event: NewEvent,
    now: number,
  ): Promise<void> {
    const { id, ...row } = eventRow(event);
    await transaction
      .updateTable("events")
      .set({ ...row, updated_at: now })
      .where("id", "=", id)
      .execute();
    const counts = countChange(before, event);
    if (counts.length) await transaction.insertInto("event_counts").values(counts).execute();
    const grams = gramRows(event.plateText);
    if (grams.length) {
      await orIgnore(
        this.database.dialect,
        transaction.insertInto("plate_grams").values(grams),
      ).execute();
    }
    const reads = readRows(event);
    if (reads.length === 0) return;
    await transaction.deleteFrom("reads").where("event_id", "=", id).execute();
    await transaction.insertInto("reads").values(reads).execute();
  }

  /** Changes a stored event with nobody else in between; what must go out is written with it. */
  private async change(
    id: string,
    work: (stored: StoredEvent, transaction: Transaction<Schema>) => Promise<StoredEvent | null>,
  ): Promise<EventChange | null> {
    let items: OutboxItem[] = [];
    const done = await this.database.transaction(async (transaction) => {
      const stored = await this.locked(transaction, id);
      if (!stored) return null;
      const event = await work(stored, transaction);
      if (!event) return null;
      const becameFinal = event.state === "final" && stored.state !== "final";
      items = becameFinal ? (this.outbox?.itemsOf(event) ?? []) : [];
      if (items.length > 0) {
        const insert = transaction.insertInto("outbox").values(items.map(outboxRow));
        await orIgnore(this.database.dialect, insert).execute();
      }
      return { event, change: "updated" as const, becameFinal };
    });
    this.outbox?.written(items);
    return done;
  }

  private async locked(transaction: Transaction<Schema>, id: string): Promise<StoredEvent | null> {
    let query = transaction.selectFrom("events").selectAll().where("id", "=", id);
    // SQLite's transactions write alone as it is
    if (this.database.dialect !== "sqlite") query = query.forUpdate();
    const row = await query.executeTakeFirst();
    return row ? eventOf(row) : null;
  }
}
