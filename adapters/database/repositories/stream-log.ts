import type { StoredEvent } from "../../../core/events/event";
import type { StreamItem, StreamLog } from "../../../core/events/stream";
import { storeError } from "../open";
import type { Database } from "../types";
import { eventOf } from "./event-rows";

/** The order of final events in the database. */
export class DatabaseStreamLog implements StreamLog {
  constructor(private readonly database: Database) {}

  async last(): Promise<{ seq: number; at: number } | null> {
    const row = await this.database.db
      .selectFrom("stream_log")
      .select(["seq", "at"])
      .orderBy("seq", "desc")
      .limit(1)
      .executeTakeFirst();
    return row ?? null;
  }

  async append(eventIds: string[], last: number, now: number): Promise<void> {
    const rows = eventIds.map((event_id, i) => ({ seq: last + 1 + i, event_id, at: now }));
    try {
      await this.database.batch([this.database.db.insertInto("stream_log").values(rows)]);
    } catch (error) {
      throw storeError(this.database.dialect, error);
    }
  }

  async after(seq: number, limit: number): Promise<{ items: StreamItem[]; through: number }> {
    const { db } = this.database;
    const places = await db
      .selectFrom("stream_log")
      .select(["seq", "event_id"])
      .where("seq", ">", seq)
      .orderBy("seq")
      .limit(limit)
      .execute();
    const through = places.at(-1)?.seq ?? seq;
    if (places.length === 0) return { items: [], through };
    const ids = places.map((place) => place.event_id);
    const rows = await db.selectFrom("events").selectAll().where("id", "in", ids).execute();
    const events = new Map(rows.map((row) => [row.id, row]));
    // what was erased meanwhile keeps its place and is not given out
    const items = places.flatMap((place) => {
      const row = events.get(place.event_id);
      return row ? [{ seq: place.seq, event: eventOf(row) }] : [];
    });
    return { items, through };
  }

  async placeOf(eventId: string): Promise<number | null> {
    const row = await this.database.db
      .selectFrom("stream_log")
      .select("seq")
      .where("event_id", "=", eventId)
      .orderBy("seq")
      .limit(1)
      .executeTakeFirst();
    return row?.seq ?? null;
  }

  async unplaced(since: number, limit: number): Promise<StoredEvent[]> {
    const rows = await this.database.db
      .selectFrom("events")
      .selectAll()
      .where("occurred_at", ">=", since)
      .where("state", "=", "final")
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("stream_log")
              .select("stream_log.seq")
              .whereRef("stream_log.event_id", "=", "events.id"),
          ),
        ),
      )
      .orderBy("occurred_at")
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map(eventOf);
  }

  async purge(before: number): Promise<number> {
    const result = await this.database.db
      .deleteFrom("stream_log")
      .where("at", "<", before)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}
