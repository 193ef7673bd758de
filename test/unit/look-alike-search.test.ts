import assert from "node:assert/strict";
import { addLookKeys } from "../../adapters/database/migrations/0014-maps-and-reports";
import { eventRow, gramRows } from "../../adapters/database/repositories/event-rows";
import { orIgnore } from "../../adapters/database/repositories/rows";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import { NEWEST_FIRST } from "../../core/events/filters";
import { LISTS } from "../../core/events/lists";
import { LOOK_MARK, lookKey } from "../../core/plates/look-key";
import { plateSearch } from "../../core/plates/search";
import { testDatabase, type TestDatabase } from "../fixtures/databases";
import { anEvent, MONDAY } from "../fixtures/events";

const LISTS_THEN = { vehicles: 4, visitors: 1, deny_list: 0, watch_list: 0, none: 0 };

describe("search by what a plate looks like", () => {
  it("puts the characters that readers confuse together", () => {
    assert.equal(lookKey("KO10B"), lookKey("KDI08"));
    assert.notEqual(lookKey("KX48"), lookKey("KX49"));
    assert.deepEqual(plateSearch("ab-o1*", "looks"), { looksLike: "ABO1*" });
    assert.deepEqual(plateSearch("ab 1"), { plateContains: "AB1" });
    assert.equal(plateSearch("--", "looks"), null);
  });

  for (const dialect of ["sqlite", "postgres", "mysql"] as const) {
    describe(dialect, function () {
      this.timeout(60_000);
      let test: TestDatabase;

      before(async function () {
        const made = await testDatabase(dialect);
        if (typeof made === "string") return this.skip();
        test = made;
      });
      after(() => test?.drop());

      it("finds misreads at the store, whole and by pattern, and tells lists apart", async () => {
        const events = new DatabaseEvents(test.database);
        const plates = ["B01SZ", "801SZ", "BOI52", "B01SX", "XB01SZ", "กข1234"];
        for (const [i, plateText] of plates.entries()) {
          const visitor = i === 3;
          await events.save(
            anEvent(`e${i}`, {
              plateText,
              decision: i === 4 ? null : visitor ? "deny" : "open",
              reason: i === 4 ? null : visitor ? "expired" : "allowed",
              vehicleId: visitor ? null : "v1",
            }),
            MONDAY,
          );
        }
        const found = async (looksLike: string) => {
          const { items, total } = await events.list({ looksLike }, NEWEST_FIRST);
          assert.equal(items.length, total);
          return items.map(({ plateText }) => plateText).sort();
        };
        assert.deepEqual(await found("B01SZ"), ["801SZ", "B01SZ", "BOI52"]);
        assert.deepEqual(await found("8OL5*"), ["801SZ", "B01SX", "B01SZ", "BOI52"]);
        assert.deepEqual(await found("?8015Z"), ["XB01SZ"]);
        assert.deepEqual(await found("กข1234"), ["กข1234"]);
        assert.deepEqual(await found("%"), []);
        const lists = await events.byList({ from: MONDAY - 1, to: MONDAY + 1 });
        assert.deepEqual(lists, LISTS_THEN);
        for (const list of LISTS) {
          const filter = { list, from: MONDAY - 1, to: MONDAY + 1 };
          const { items, total } = await events.list(filter, NEWEST_FIRST);
          assert.deepEqual([items.length, total], [lists[list], lists[list]], list);
        }
        // a plate that nothing has any more is not found by its look either
        await events.delete("e0");
        assert.deepEqual(await found("B01SZ"), ["801SZ", "BOI52"]);
      });

      it("learns again from the events what their plates look like, as migration 14 does", async () => {
        const { database } = test;
        for (const table of ["events", "event_counts", "plate_grams"] as const)
          await database.db.deleteFrom(table).execute();
        const plates = ["ABC123", "A8C123", "B0O", "Q", "~0123456789abcdef0123456789abcdef"];
        for (let n = 0; n < 1_100; n++) plates.push(`M${n}`);
        const rows = [...plates, "ABC123"].map((plate, n) => ({
          ...eventRow(anEvent(`look-${n}`, { plateText: plate })),
          created_at: 1,
          updated_at: 1,
        }));
        for (let at = 0; at < rows.length; at += 100) {
          const some = rows.slice(at, at + 100);
          await database.db.insertInto("events").values(some).execute();
          const grams = some.flatMap((row) => gramRows(row.plate_text));
          await orIgnore(dialect, database.db.insertInto("plate_grams").values(grams)).execute();
        }
        const stored = async () => {
          const kept = await database.db.selectFrom("plate_grams").selectAll().execute();
          return kept.map((row) => `${row.gram} ${row.plate_text}`).sort();
        };
        const before = await stored();
        await database.db
          .deleteFrom("plate_grams")
          .where("gram", "like", `${LOOK_MARK}%`)
          .execute();
        assert.ok((await stored()).length < before.length - 1_100);
        await addLookKeys(database.db, dialect);
        assert.deepEqual(await stored(), before);
        await addLookKeys(database.db, dialect);
        assert.deepEqual(await stored(), before);
      });
    });
  }
});
