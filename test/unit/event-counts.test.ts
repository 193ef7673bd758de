import assert from "node:assert/strict";
import fc from "fast-check";
import { sql } from "kysely";
import {
  countAnew,
  rebuildEventCounts,
} from "../../adapters/database/repositories/event-count-rebuild";
import { wholeQuarters } from "../../adapters/database/migrations/0016-whole-quarters";
import { CountSettler } from "../../adapters/database/repositories/count-settler";
import { EventCounts } from "../../adapters/database/repositories/event-counts";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import { eventRow } from "../../adapters/database/repositories/event-rows";
import { EventPurge } from "../../adapters/database/repositories/retention";
import { openDatabase } from "../../adapters/database/open";
import type { Database, DialectName } from "../../adapters/database/types";
import { DAY_MS, partsOf, WHOLE_QUARTER } from "../../core/events/counts";
import type { NewEvent } from "../../core/events/event";
import type { EventFilter } from "../../core/events/filters";
import { testDatabase, type TestDatabase } from "../fixtures/databases";
import { anEvent, MONDAY } from "../fixtures/events";

const MINUTE = 60_000;

/** Something that happens to the record. */
type Step =
  | { kind: "save"; id: string; changes: Partial<NewEvent> }
  | { kind: "delete"; id: string }
  | { kind: "purge"; ids: string[] }
  | { kind: "settle" };

const ids = fc.integer({ min: 0, max: 11 }).map((n) => `e${n}`);
const changes = fc.record({
  timestamp: fc.integer({ min: 0, max: 40 }).map((n) => MONDAY + n * 97 * MINUTE),
  cameraId: fc.constantFrom("cam-1", "cam-2", null),
  zoneId: fc.constantFrom("zone-1", null),
  decision: fc.constantFrom("open", "deny", null),
  confidence: fc.option(fc.integer({ min: 0, max: 100 }).map((n) => n / 100)),
  revision: fc.integer({ min: 1, max: 9 }),
});
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("save" as const), id: ids, changes }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), id: ids }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("purge" as const),
        ids: fc.uniqueArray(ids, { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: "settle" as const }) },
  ),
  { minLength: 1, maxLength: 25 },
);
const filters: EventFilter[] = [
  {},
  { cameraId: "cam-1" },
  { zoneId: "zone-1", decision: "open" },
  { from: MONDAY + 5 * MINUTE, to: MONDAY + 20 * 97 * MINUTE },
  { cameraId: "cam-2", from: MONDAY, to: MONDAY + DAY_MS + 1 },
  { from: MONDAY + 97 * MINUTE, to: MONDAY + 97 * MINUTE },
  { from: MONDAY - 3 * MINUTE, to: MONDAY + 2 * DAY_MS + 7 * MINUTE },
];

describe("parts of a range that counts know", () => {
  it("cover the range once", () => {
    const time = fc.integer({ min: 0, max: 4 * DAY_MS });
    fc.assert(
      fc.property(time, time, time, (a, b, at) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const { days, quarters, rest } = partsOf({ from, to });
        const parts = [...(days ? [days] : []), ...quarters, ...rest];
        const holding = parts.filter((part) => at >= part.from && at < part.to).length;
        assert.equal(holding, at >= from && at <= to ? 1 : 0);
        for (const part of rest) assert.ok(part.to - part.from <= 30 * MINUTE);
      }),
    );
  });

  it("are days alone where there is no range", () => {
    const { days, quarters, rest } = partsOf({});
    assert.deepEqual([days, quarters, rest], [{ from: -Infinity, to: Infinity }, [], []]);
  });
});

for (const dialect of ["sqlite", "postgres", "mysql"] as DialectName[]) {
  describe(`counts of events: ${dialect}`, function () {
    this.timeout(240_000);
    let made: TestDatabase;
    let database: Database;
    let events: DatabaseEvents;

    before(async function () {
      const result = await testDatabase(dialect);
      if (typeof result === "string") {
        this.test?.parent?.tests.forEach((test) => (test.title += ` (${result})`));
        this.skip();
      }
      made = result;
      database = made.database;
      events = new DatabaseEvents(database);
    });
    after(async () => made?.drop());

    const clear = async () => {
      for (const table of ["events", "event_counts", "plate_grams"] as const)
        await database.db.deleteFrom(table).execute();
    };

    const take = async (step: Step): Promise<unknown> => {
      switch (step.kind) {
        case "save":
          return events.save(anEvent(step.id, step.changes), 1);
        case "delete":
          return events.delete(step.id);
        case "purge":
          return new EventPurge(database).delete(
            step.ids.map((id) => ({ id, plateText: "ABC123", frame: null, crop: null })),
            false,
          );
        case "settle":
          return new CountSettler(database).settle();
      }
    };

    /** What the counts say must be what counting the events says. */
    const check = async () => {
      for (const filter of filters) {
        const stats = await events.statistics({ filter, interval: "hour", timeZone: "UTC" });
        // the plate makes it count one by one
        const byHand = await events.statistics({
          filter: { ...filter, plate: "ABC123" },
          interval: "hour",
          timeZone: "UTC",
        });
        assert.deepEqual(rounded(stats), rounded(byHand), JSON.stringify(filter));
        assert.equal((await events.list(filter, none)).total, byHand.totalEvents);
      }
    };

    it("are those of the events, whatever happened", async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (list) => {
          await clear();
          for (const step of list) await take(step);
          await check();
        }),
        { numRuns: dialect === "sqlite" ? 25 : 5 },
      );
    });

    it("are right while several write, delete and merge at once", async () => {
      await clear();
      const lanes = Array.from({ length: 6 }, async (_, lane) => {
        for (let i = 0; i < 15; i++) {
          const id = `c${lane}-${i}`;
          await events.save(anEvent(id, { timestamp: MONDAY + i, confidence: i / 20 }), 1);
          const revised = { timestamp: MONDAY + i, confidence: 0.9, revision: 2 };
          if (i % 3 === 0) await events.save(anEvent(id, revised), 2);
          if (i % 5 === 0) await events.delete(id);
        }
      });
      const merging = Array.from({ length: 2 }, async () => {
        for (let i = 0; i < 8; i++) await busyAside(() => new CountSettler(database).settle());
      });
      await Promise.all([...lanes, ...merging]);
      await check();
      while ((await new CountSettler(database).settle()) > 0);
      await check();
      const left = await database.db.selectFrom("event_counts").select("settled").execute();
      assert.ok(left.length > 0 && left.every(({ settled }) => settled === 1));
    });

    it("are made anew from the events by the migration's own statements", async () => {
      await clear();
      for (let i = 0; i < 20; i++) {
        const cameraId = i % 2 ? "cam-1" : null;
        const timestamp = MONDAY + i * 7 * 3_600_000;
        await events.create(anEvent(`m${i}`, { cameraId, timestamp, confidence: i / 20 }), 1);
      }
      await database.db.deleteFrom("event_counts").execute();
      assert.equal(await new EventCounts(database).total({}), 0);
      await countAnew(database.db as never);
      await check();
    });

    it("need one row for a whole quarter, whatever its cameras and decisions", async () => {
      await clear();
      const year = { from: MONDAY - 364 * DAY_MS, to: MONDAY + DAY_MS };
      for (let i = 0; i < 12; i++) {
        const timestamp = MONDAY - (i % 3) * 90 * DAY_MS - DAY_MS;
        const changes = { timestamp, cameraId: `cam-${i % 4}`, decision: i % 2 ? "open" : "deny" };
        await events.create(anEvent(`w${i}`, changes as Partial<NewEvent>), 1);
      }
      const rows = () =>
        database.db.selectFrom("event_counts").select("count").where("span", "=", WHOLE_QUARTER);
      assert.deepEqual(await rows().execute(), [], "they come when quarters are settled");
      const counted = async () =>
        (await new EventCounts(database).timeline(year, "quarter")).map(({ count }) => count);
      assert.deepEqual(await counted(), [4, 4, 4]);
      await new CountSettler(database).settle();
      assert.deepEqual(await counted(), [4, 4, 4]);
      assert.deepEqual(await rows().execute(), [{ count: 4 }, { count: 4 }, { count: 4 }]);
      await events.delete("w0");
      await events.delete("w3");
      await events.delete("w6");
      await events.delete("w9");
      assert.deepEqual(await counted(), [4, 4]);
      await new CountSettler(database).settle();
      assert.deepEqual(await counted(), [4, 4]);
      assert.equal((await rows().execute()).length, 2, "an empty quarter leaves no row");
    });

    it("get the rows of whole quarters from the migration, of what was settled before it", async () => {
      await clear();
      for (let i = 0; i < 8; i++) {
        const timestamp = MONDAY - (i % 2) * 40 * DAY_MS - DAY_MS;
        await events.create(anEvent(`g${i}`, { timestamp, cameraId: `cam-${i}` }), 1);
        if (i === 5) await new CountSettler(database).settle();
      }
      await database.db.deleteFrom("event_counts").where("span", "=", WHOLE_QUARTER).execute();
      await wholeQuarters.up(database.db as never);
      await check();
      await new CountSettler(database).settle();
      await check();
    });

    it("are right after a rebuild, also where others store meanwhile", async () => {
      await clear();
      for (let i = 0; i < 12; i++) {
        const timestamp = MONDAY + i * 5 * 3_600_000;
        await events.create(anEvent(`r${i}`, { timestamp, confidence: i / 20 }), 1);
      }
      await database.db.updateTable("event_counts").set({ count: 7, camera_id: "x" }).execute();
      const during = Array.from({ length: dialect === "mysql" ? 0 : 20 }, (_, i) =>
        events.create(anEvent(`s${i}`, { timestamp: MONDAY + i * 97 * MINUTE }), 1),
      );
      const [{ before }] = await Promise.all([rebuildEventCounts(database), ...during]);
      assert.ok(before >= 84, String(before));
      await check();
      const again = await rebuildEventCounts(database);
      assert.deepEqual(again, { before: 12 + during.length, events: 12 + during.length });
    });

    const onPostgres = dialect === "postgres" ? it : () => undefined;
    onPostgres("are rebuilt and migrated without the limit of other statements", async () => {
      // as a server with millions of events would refuse what has a limit of a minute
      const { db } = database;
      await sql`create function refuse_limited() returns trigger language plpgsql as $$ begin
        if current_setting('statement_timeout') <> '0' then raise exception 'limited'; end if;
        return new; end $$`.execute(db);
      for (const table of ["event_counts", "kysely_migration"]) {
        await sql`create trigger refuse before insert on ${sql.table(table)}
          for each row execute function refuse_limited()`.execute(db);
      }
      await rebuildEventCounts(database);
      await check();
      await sql`drop index events_sampled_plates`.execute(db);
      await db.deleteFrom("event_counts").where("span", "=", WHOLE_QUARTER).execute();
      await sql`delete from kysely_migration where name >= '0015-sampled-plates'`.execute(db);
      const again = await openDatabase({ url: made.url, home: "", log: () => undefined });
      await again.close();
      await sql`drop function refuse_limited cascade`.execute(db);
      await check();
    });

    it("are none where a range ends before it begins", async () => {
      const range = { from: Date.now(), to: Date.now() - 86_400_000 };
      assert.equal(await new EventCounts(database).total(range), 0);
    });

    it("find a page far in from the day that it begins on", async () => {
      await clear();
      const rows = Array.from({ length: 2_600 }, (_, i) => ({
        ...eventRow(anEvent(`d${String(i).padStart(5, "0")}`, { timestamp: MONDAY + i * 997_000 })),
        created_at: 1,
        updated_at: 1,
      }));
      for (let at = 0; at < rows.length; at += 400) {
        await database.db
          .insertInto("events")
          .values(rows.slice(at, at + 400))
          .execute();
      }
      await countAnew(database.db as never);
      for (const sortOrder of ["asc", "desc"] as const) {
        for (const filter of [{}, { from: MONDAY + 997_000 * 3, cameraId: "cam-1" }]) {
          const page = { skip: 2_300, limit: 5, sortBy: "timestamp" as const, sortOrder };
          const { items } = await events.list(filter, page);
          const all = await database.db
            .selectFrom("events")
            .select("id")
            .where("occurred_at", ">=", filter.from ?? 0)
            .orderBy("occurred_at", sortOrder)
            .execute();
          assert.deepEqual(
            items.map(({ id }) => id),
            all.slice(2_300, 2_305).map(({ id }) => id),
          );
        }
      }
    });
  });
}

const none = { skip: 0, limit: 0, sortBy: "timestamp", sortOrder: "desc" } as const;

function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === "number" ? Number(part.toFixed(9)) : part,
  );
}

/** Two that merge the same may get in each other's way; one of them then tries again. */
async function busyAside(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    assert.equal((error as { code?: string }).code, "busy");
  }
}
