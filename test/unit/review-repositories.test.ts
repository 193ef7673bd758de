import assert from "node:assert/strict";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import { DatabaseLprCameras } from "../../adapters/database/repositories/lpr-cameras";
import { DatabaseReviews } from "../../adapters/database/repositories/reviews";
import { DatabaseUsage } from "../../adapters/database/repositories/usage";
import { testDatabase, type TestDatabase } from "../fixtures/databases";
import { anEvent, MONDAY } from "../fixtures/events";

const PAGE = { skip: 0, limit: 10 };

for (const dialect of ["sqlite", "postgres", "mysql"] as const) {
  describe(`reviews, usage, LPR cameras: ${dialect}`, function () {
    this.timeout(60_000);
    let test: TestDatabase;

    before(async function () {
      const made = await testDatabase(dialect);
      if (typeof made === "string") return this.skip();
      test = made;
    });
    after(() => test?.drop());

    it("keeps what people said of events, and the raw read", async () => {
      const events = new DatabaseEvents(test.database);
      const reviews = new DatabaseReviews(test.database, events);
      await events.save(anEvent("e1", { plateText: "KX48PL6", confidence: 0.5 }), MONDAY);
      await events.save(anEvent("e2", { confidence: 0.99 }), MONDAY);
      await events.save(anEvent("e3", { confidence: 0.99, decision: "review" }), MONDAY);
      const pending = async (below: number | null) =>
        (await reviews.pending({ below }, PAGE)).items.map(({ id }) => id).sort();
      assert.deepEqual(await pending(0.8), ["e1", "e3"]);
      assert.deepEqual(await pending(null), ["e1", "e2", "e3"]);
      await events.save(anEvent("e4", { confidence: null }), MONDAY);
      assert.deepEqual(await pending(0.8), ["e1", "e3", "e4"], "without a confidence nobody knows");
      await events.delete("e4");
      const by = { actor: "kim", notes: null, reviewedAt: MONDAY + 1 };
      await reviews.confirm({ ...by, eventId: "e3" });
      const change = await reviews.correct("KX48PLG", { ...by, eventId: "e1", notes: "dirty" });
      assert.equal(change?.event.plateText, "KX48PLG");
      assert.equal(change?.event.rawText, "KX48PL6");
      const again = await reviews.correct("KX48PLC", { ...by, eventId: "e1" });
      assert.equal(again?.event.rawText, "KX48PL6", "the first read stays");
      assert.equal(
        (
          await events.list(
            { plateContains: "8PLC" },
            { ...PAGE, sortBy: "timestamp", sortOrder: "desc" },
          )
        ).total,
        1,
      );
      assert.equal(await reviews.correct("X1", { ...by, eventId: "none" }), null);
      assert.deepEqual(await pending(0.8), []);
      const said = await reviews.of(["e1", "e2", "e3"]);
      assert.equal(said.get("e1")?.verdict, "corrected");
      assert.equal(said.get("e3")?.verdict, "confirmed");
      assert.equal(said.has("e2"), false);
      await events.delete("e1");
      assert.equal((await reviews.of(["e1"])).size, 0);
    });

    it("adds up usage per month", async () => {
      const usage = new DatabaseUsage(test.database);
      await Promise.all([1, 2, 3].map((n) => usage.add("2026-11", { exports: n }, MONDAY)));
      await usage.add("2026-12", { exports: 1 }, MONDAY);
      assert.deepEqual(await usage.of("2026-11"), { exports: 6 });
      assert.deepEqual(await usage.of("2027-01"), {});
    });

    it("keeps cameras that registered themselves", async () => {
      const cameras = new DatabaseLprCameras(test.database);
      const camera = { id: "กล้อง1", location: "ประตู", registeredAt: 1, lastSeenAt: 2 };
      await cameras.save([camera]);
      await cameras.save([{ ...camera, registeredAt: 9, lastSeenAt: 3 }]);
      assert.deepEqual(await cameras.all(), [{ ...camera, lastSeenAt: 3 }]);
    });
  });
}
