import type { ExpressionBuilder } from "kysely";
import type { PageOf, PageRequest } from "../../../core/auth/ports";
import type { StoredEvent } from "../../../core/events/event";
import type { OutboxFilter, OutboxRepository } from "../../../core/outbox/ports";
import type { Settlement } from "../../../core/outbox/settle";
import type {
  OutboxItem,
  OutboxRecord,
  OutboxState,
  Refusals,
  TargetReport,
  TargetState,
} from "../../../core/outbox/types";
import { FRESH_TARGET } from "../../../core/outbox/types";
import type { Schema } from "../schema";
import type { Database } from "../types";
import { eventOf } from "./event-rows";
import { itemOf, outboxRow, recordOf, targetStateOf } from "./outbox-rows";
import { pageOf } from "./pages";
import { orIgnore } from "./rows";

/** Ids in one statement. */
const CHUNK = 200;

/** What waits to go out, in the database. */
export class DatabaseOutbox implements OutboxRepository {
  constructor(private readonly database: Database) {}

  async add(items: readonly OutboxItem[]): Promise<void> {
    const { db, dialect } = this.database;
    await this.database.batch(
      chunks(items).map((some) =>
        orIgnore(dialect, db.insertInto("outbox").values(some.map(outboxRow))),
      ),
    );
  }

  async lease(
    target: string,
    owner: string,
    now: number,
    until: number,
  ): Promise<TargetState | null> {
    const { db, dialect } = this.database;
    const blank = {
      id: target,
      owner: null,
      leased_until: 0,
      retry_at: 0,
      failures: 0,
      failing_since: null,
      last_error: null,
      last_success_at: null,
      refused: 0,
      refused_from: null,
      refused_until: null,
    };
    await this.database.batch([
      orIgnore(dialect, db.insertInto("outbox_targets").values(blank)),
      db
        .updateTable("outbox_targets")
        .set({ owner, leased_until: until })
        .where("id", "=", target)
        .where((eb) =>
          eb.or([eb("owner", "is", null), eb("owner", "=", owner), eb("leased_until", "<=", now)]),
        ),
    ]);
    const row = await db
      .selectFrom("outbox_targets")
      .selectAll()
      .where("id", "=", target)
      .executeTakeFirst();
    return row?.owner === owner ? targetStateOf(row) : null;
  }

  async renew(owner: string, until: number): Promise<void> {
    await this.database.db
      .updateTable("outbox_targets")
      .set({ leased_until: until })
      .where("owner", "=", owner)
      .execute();
  }

  async release(owner: string): Promise<void> {
    await this.database.db
      .updateTable("outbox_targets")
      .set({ owner: null, leased_until: 0 })
      .where("owner", "=", owner)
      .execute();
  }

  async waiting(
    target: string,
    but: { lanes: readonly string[]; after: number },
    limit: number,
  ): Promise<OutboxItem[]> {
    let query = this.database.db
      .selectFrom("outbox")
      .selectAll()
      .where("target", "=", target)
      .where("state", "=", "waiting")
      .where("position", "<=", but.after);
    if (but.lanes.length > 0) query = query.where("lane", "not in", but.lanes);
    const rows = await query.orderBy("position").limit(limit).execute();
    return rows.map(itemOf);
  }

  async eventsOf(items: readonly OutboxItem[]): Promise<Map<string, StoredEvent>> {
    const ids = items.map(({ eventId }) => eventId).filter((id) => id !== null);
    if (ids.length === 0) return new Map();
    const rows = await this.database.db
      .selectFrom("events")
      .selectAll()
      .where("id", "in", [...new Set(ids)])
      .execute();
    return new Map(rows.map((row) => [row.id, eventOf(row)]));
  }

  async settle(
    target: string,
    settlements: readonly Settlement[],
    state: TargetState,
    now: number,
  ): Promise<void> {
    const { db } = this.database;
    const quiet = settlements.filter(({ state, error }) => state === "done" && error === null);
    const told = settlements.filter((one) => !quiet.includes(one));
    await this.database.batch([
      ...chunks(quiet).map((some) =>
        db
          .updateTable("outbox")
          .set({ state: "done", last_error: null, finished_at: now })
          .where(
            "id",
            "in",
            some.map(({ id }) => id),
          ),
      ),
      ...told.map((one) =>
        db
          .updateTable("outbox")
          .set({
            state: one.state,
            attempts: one.attempts,
            last_error: one.error,
            finished_at: one.state === "waiting" ? null : now,
          })
          .where("id", "=", one.id),
      ),
      db
        .updateTable("outbox_targets")
        .set({
          retry_at: state.retryAt,
          failures: state.failures,
          failing_since: state.failingSince,
          last_error: state.lastError,
          last_success_at: state.lastSuccessAt,
        })
        .where("id", "=", target),
    ]);
  }

  list(filter: OutboxFilter, page: PageRequest): Promise<PageOf<OutboxRecord>> {
    let query = this.database.db.selectFrom("outbox");
    if (filter.target !== undefined) query = query.where("target", "=", filter.target);
    if (filter.state !== undefined) query = query.where("state", "=", filter.state);
    return pageOf(page, recordOf, {
      count: query.select((eb) => eb.fn.countAll<number>().as("n")),
      rows: query.selectAll().orderBy("position", "desc").orderBy("id", "desc"),
    });
  }

  async get(id: string): Promise<OutboxRecord | null> {
    const row = await this.database.db
      .selectFrom("outbox")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
    return row ? recordOf(row) : null;
  }

  async resend(which: { id: string } | { target: string }): Promise<number> {
    const result = await this.database.db
      .updateTable("outbox")
      .set({ state: "waiting", attempts: 0, finished_at: null })
      .where("state", "=", "dead")
      .where((eb) => ("id" in which ? eb("id", "=", which.id) : eb("target", "=", which.target)))
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }

  async drop(which: { id: string } | { target: string; state: OutboxState }): Promise<number> {
    const chosen = (eb: ExpressionBuilder<Schema, "outbox">) =>
      "id" in which
        ? eb.and([eb("id", "=", which.id), eb("state", "!=", "done")])
        : eb.and([eb("target", "=", which.target), eb("state", "=", which.state)]);
    const result = await this.database.db.deleteFrom("outbox").where(chosen).executeTakeFirst();
    return Number(result.numDeletedRows);
  }

  async reports(): Promise<TargetReport[]> {
    const { db } = this.database;
    const [counts, targets] = await Promise.all([
      db
        .selectFrom("outbox")
        .where("state", "in", ["waiting", "dead"])
        .groupBy(["target", "state"])
        .select((eb) => [
          "target",
          "state",
          eb.fn.countAll<number>().as("n"),
          eb.fn.min("created_at").as("oldest"),
        ])
        .execute(),
      db.selectFrom("outbox_targets").selectAll().execute(),
    ]);
    const known = new Map(targets.map((row) => [row.id, row]));
    const names = new Set([...known.keys(), ...counts.map((row) => row.target)]);
    return [...names].sort().map((target) => {
      const row = known.get(target);
      const of = (state: string) =>
        counts.find((count) => count.target === target && count.state === state);
      return {
        target,
        ...(row ? targetStateOf(row) : FRESH_TARGET),
        waiting: Number(of("waiting")?.n ?? 0),
        dead: Number(of("dead")?.n ?? 0),
        oldestAt: of("waiting")?.oldest ?? null,
        refused:
          row && row.refused > 0
            ? { count: row.refused, from: row.refused_from ?? 0, until: row.refused_until ?? 0 }
            : null,
      };
    });
  }

  async refused(target: string, refusals: Refusals): Promise<void> {
    await this.database.db
      .updateTable("outbox_targets")
      .set((eb) => ({
        refused: eb("refused", "+", refusals.count),
        refused_from: eb.fn.coalesce("refused_from", eb.val(refusals.from)),
        refused_until: refusals.until,
      }))
      .where("id", "=", target)
      .execute();
  }

  async purge(before: number): Promise<number> {
    const result = await this.database.db
      .deleteFrom("outbox")
      .where("state", "=", "done")
      .where("finished_at", "<", before)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

function chunks<T>(list: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < list.length; at += CHUNK) parts.push(list.slice(at, at + CHUNK));
  return parts;
}
