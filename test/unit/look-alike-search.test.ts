import assert from "node:assert/strict";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import { NEWEST_FIRST } from "../../core/events/filters";
import { LISTS } from "../../core/events/lists";
import { lookKey } from "../../core/plates/look-key";
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
    });
  }
});
