import { randomUUID } from "node:crypto";
import type { Selectable, Transaction } from "kysely";
import type { PageOf, PageRequest } from "../../../core/auth/ports";
import type { StoredEvent } from "../../../core/events/event";
import type { EventChange } from "../../../core/events/ports";
import type {
  PendingFilter,
  ReadOutcome,
  Review,
  ReviewedFilter,
  ReviewRepository,
} from "../../../core/review/ports";
import type { Schema } from "../schema";
import type { ReviewsTable } from "../schema-review";
import type { Database } from "../types";
import { eventOf } from "./event-rows";
import type { DatabaseEvents } from "./events";
import { pageOf } from "./pages";
import { orIgnore } from "./rows";

/** What people said of events, in the database. */
export class DatabaseReviews implements ReviewRepository {
  constructor(
    private readonly database: Database,
    private readonly events: Pick<DatabaseEvents, "correct">,
  ) {}

  async of(eventIds: readonly string[]): Promise<Map<string, Review>> {
    if (eventIds.length === 0) return new Map();
    const rows = await this.database.db
      .selectFrom("reviews")
      .selectAll()
      .where("event_id", "in", [...eventIds])
      .execute();
    return new Map(rows.map((row) => [row.event_id, reviewOf(row)]));
  }

  confirm(review: Omit<Review, "verdict">): Promise<void> {
    return this.database.transaction((transaction) =>
      this.write(transaction, { ...review, verdict: "confirmed" }),
    );
  }

  correct(plateText: string, review: Omit<Review, "verdict">): Promise<EventChange | null> {
    const { eventId, actor, notes, reviewedAt } = review;
    return this.events.correct(eventId, plateText, reviewedAt, async (before, transaction) => {
      await transaction
        .insertInto("corrections")
        .values({
          id: randomUUID(),
          event_id: eventId,
          old_text: before.plateText,
          new_text: plateText,
          actor,
          notes,
          created_at: reviewedAt,
        })
        .execute();
      await this.write(transaction, { ...review, verdict: "corrected" });
    });
  }

  pending({ below, cameraId }: PendingFilter, page: PageRequest): Promise<PageOf<StoredEvent>> {
    let query = this.database.db
      .selectFrom("events")
      .where("state", "=", "final")
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("reviews")
              .select("reviews.event_id")
              .whereRef("reviews.event_id", "=", "events.id"),
          ),
        ),
      );
    if (cameraId !== undefined) query = query.where("camera_id", "=", cameraId);
    if (below !== null) {
      query = query.where((eb) =>
        eb.or([
          eb("decision", "=", "review"),
          eb("confidence", "<", below),
          eb("confidence", "is", null), // nobody can say that it was read well
        ]),
      );
    }
    return pageOf(page, eventOf, {
      count: query.select((eb) => eb.fn.countAll<number>().as("n")),
      rows: query.selectAll("events").orderBy("occurred_at", "desc").orderBy("id", "desc"),
    });
  }

  async reviewed(filter: ReviewedFilter, afterId: string, limit: number): Promise<StoredEvent[]> {
    const rows = await this.looked(filter)
      .selectAll("events")
      .where("events.id", ">", afterId)
      .orderBy("events.id")
      .limit(limit)
      .execute();
    return rows.map(eventOf);
  }

  async outcomes(filter: ReviewedFilter, limit: number): Promise<ReadOutcome[]> {
    const rows = await this.looked(filter)
      .select(["events.camera_id", "events.confidence", "events.raw_text", "events.plate_text"])
      .select("events.decision")
      .orderBy("events.occurred_at", "desc")
      .limit(limit)
      .execute();
    return rows.map(({ camera_id, confidence, raw_text, plate_text, decision }) => ({
      cameraId: camera_id,
      confidence,
      // corrected to what was read: the read was right
      right: raw_text === null || raw_text === plate_text,
      decision: decision as ReadOutcome["decision"],
    }));
  }

  /** Final events that somebody has looked at. */
  private looked({ verdict, cameraId, from, to }: ReviewedFilter) {
    let query = this.database.db
      .selectFrom("events")
      .innerJoin("reviews", "reviews.event_id", "events.id");
    if (verdict !== undefined) query = query.where("reviews.verdict", "=", verdict);
    if (cameraId !== undefined) query = query.where("events.camera_id", "=", cameraId);
    if (from !== undefined) query = query.where("events.occurred_at", ">=", from);
    if (to !== undefined) query = query.where("events.occurred_at", "<=", to);
    return query;
  }

  private async write(transaction: Transaction<Schema>, review: Review): Promise<void> {
    const row = {
      event_id: review.eventId,
      verdict: review.verdict,
      actor: review.actor,
      notes: review.notes,
      reviewed_at: review.reviewedAt,
    };
    await orIgnore(this.database.dialect, transaction.insertInto("reviews").values(row)).execute();
    await transaction
      .updateTable("reviews")
      .set(row)
      .where("event_id", "=", review.eventId)
      .execute();
  }
}

function reviewOf(row: Selectable<ReviewsTable>): Review {
  return {
    eventId: row.event_id,
    verdict: row.verdict === "corrected" ? "corrected" : "confirmed",
    actor: row.actor,
    notes: row.notes,
    reviewedAt: row.reviewed_at,
  };
}
