import type { StoredEvent, RetentionClass } from "../../../core/events/event";
import type { Database } from "../types";
import { countOut } from "./event-count-rows";
import { eventOf } from "./event-rows";

/** An event's id, plate and pictures: what deleting it concerns. */
export type Deletable = Pick<StoredEvent, "id" | "plateText" | "frame" | "crop">;

/** Finding and deleting many events, for retention and erasure. */
export class EventPurge {
  constructor(private readonly database: Database) {}

  /** Events of a class that are older than `before`, not held, oldest first. */
  async expired(kind: RetentionClass, before: number, limit: number): Promise<Deletable[]> {
    const rows = await this.past(kind, before)
      .where("held", "=", 0)
      .select(["id", "plate_text as plateText", "frame_path as frame", "crop_path as crop"])
      .orderBy("occurred_at")
      .limit(limit)
      .execute();
    return rows;
  }

  /** How many past their time are held. */
  async heldPast(kind: RetentionClass, before: number): Promise<number> {
    const { n } = await this.past(kind, before)
      .where("held", "=", 1)
      .select((eb) => eb.fn.countAll<number>().as("n"))
      .executeTakeFirstOrThrow();
    return n;
  }

  /** All events of these plates (as stored: normalised or hashed), oldest first. */
  async ofPlates(plates: string[]): Promise<StoredEvent[]> {
    const rows = await this.database.db
      .selectFrom("events")
      .selectAll()
      .where((eb) =>
        eb.or([
          eb("plate_text", "in", plates),
          eb("raw_text", "in", plates),
          eb("vehicle_plate", "in", plates),
        ]),
      )
      .orderBy("occurred_at")
      .execute();
    return rows.map(eventOf);
  }

  /** Which of these ids events have. */
  async present(ids: string[]): Promise<Set<string>> {
    const rows = await this.database.db
      .selectFrom("events")
      .select("id")
      .where("id", "in", ids)
      .execute();
    return new Set(rows.map((row) => row.id));
  }

  /**
   * Deletes events with all that belongs to them, in one transaction.
   * @param evenHeld also those that are held when they are deleted
   * @returns how many there still were
   */
  async delete(events: readonly Deletable[], evenHeld: boolean): Promise<number> {
    if (events.length === 0) return 0;
    const { db } = this.database;
    const ids = events.map((event) => event.id);
    const held = evenHeld ? [0, 1] : [0];
    const plates = [...new Set(events.map((event) => event.plateText))];
    const counts = await this.database.batch([
      countOut(this.database, ids, held),
      db
        .deleteFrom("outbox")
        .where("event_id", "in", (eb) =>
          eb
            .selectFrom("events")
            .select("events.id")
            .where("events.id", "in", ids)
            .where("held", "in", held),
        ),
      db.deleteFrom("events").where("id", "in", ids).where("held", "in", held),
      db
        .deleteFrom("plate_grams")
        .where("plate_text", "in", plates)
        .where("plate_text", "not in", (eb) =>
          eb.selectFrom("events").select("events.plate_text").where("plate_text", "in", plates),
        ),
    ]);
    return counts[2] ?? 0;
  }

  private past(kind: RetentionClass, before: number) {
    return this.database.db
      .selectFrom("events")
      .where("retention_class", "=", kind)
      .where("occurred_at", "<", before)
      .where("created_at", "<", before);
  }
}
