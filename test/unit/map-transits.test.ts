import assert from "node:assert/strict";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import { testDatabase, type TestDatabase } from "../fixtures/databases";
import { anEvent, MONDAY } from "../fixtures/events";

const MINUTE = 60_000;

for (const dialect of ["sqlite", "postgres", "mysql"] as const) {
  describe(`ways between cameras: ${dialect}`, function () {
    this.timeout(60_000);
    let test: TestDatabase;

    before(async function () {
      const made = await testDatabase(dialect);
      if (typeof made === "string") return this.skip();
      test = made;
    });
    after(() => test?.drop());

    it("finds who went straight from one camera to another, within the time asked for", async () => {
      const events = new DatabaseEvents(test.database);
      const passages: [plate: string, camera: string | null, minute: number][] = [
        ["AAA111", "north", 0],
        ["AAA111", "north", 1],
        ["AAA111", "south", 6],
        ["AAA111", "north", 200],
        ["BBB222", "north", 2],
        ["BBB222", "south", 7],
        ["BBB222", "east", 8],
        ["CCC333", "north", 3],
        ["DDD444", "south", 4],
        ["EEE555", null, 5],
        ["EEE555", "south", 6],
        ["", "north", 1],
        ["", "south", 2],
        ["FFF666", "north", -100],
        ["FFF666", "south", 1],
      ];
      for (const [i, [plateText, cameraId, minute]] of passages.entries()) {
        const timestamp = MONDAY + minute * MINUTE;
        await events.save(anEvent(`e${i}`, { plateText, cameraId, timestamp }), MONDAY);
      }
      const query = { from: MONDAY, to: MONDAY + 300 * MINUTE, maxGapMs: 60 * MINUTE };
      const found = await events.transits(query);
      assert.equal(found.sample, 1);
      const sorted = [...found.transits].sort((a, b) => (a.to < b.to ? -1 : 1));
      assert.deepEqual(sorted, [
        { from: "south", to: "east", seconds: 60, count: 1 },
        { from: "north", to: "south", seconds: 300, count: 2 },
      ]);
      const longer = await events.transits({ ...query, maxGapMs: 1440 * MINUTE });
      assert.ok(longer.transits.some(({ from, to }) => from === "south" && to === "north"));
    });
  });
}
