import assert from "node:assert/strict";
import { eventOfPassage, storedOf } from "../../core/events/event";
import { StoreError } from "../../core/events/errors";
import { NEWEST_FIRST, type EventFilter } from "../../core/events/filters";
import { DatabaseApiKeys } from "../../adapters/database/repositories/keys";
import { DatabaseAudit } from "../../adapters/database/repositories/audit";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import { DatabaseSessions } from "../../adapters/database/repositories/sessions";
import { DatabaseSettings } from "../../adapters/database/repositories/settings";
import { DatabaseUsers } from "../../adapters/database/repositories/users";
import { databaseAddress } from "../../adapters/database/url";
import type { Database, DialectName } from "../../adapters/database/types";
import { testDatabase, type TestDatabase } from "../fixtures/databases";
import { aDecision, anEvent, anOutcome, aPassage, aVote, MONDAY } from "../fixtures/events";

const code = (wanted: string) => (error: unknown) =>
  error instanceof StoreError && error.code === wanted;
const noSite = { siteId: null, zoneId: null };

for (const dialect of ["sqlite", "postgres", "mysql"] as DialectName[]) {
  describe(`database: ${dialect}`, function () {
    this.timeout(120_000);
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
      await database.db.deleteFrom("events").execute();
      await database.db.deleteFrom("event_counts").execute();
      await database.db.deleteFrom("plate_grams").execute();
    };

    it("opens again with its data and migrates once", async () => {
      await new DatabaseSettings(database).set("x", { a: [1, "ü", null] }, 1);
      database = await made.reopen();
      events = new DatabaseEvents(database);
      assert.deepEqual(await new DatabaseSettings(database).get("x"), { a: [1, "ü", null] });
      assert.equal((await database.health()).status, "healthy");
    });

    it("stores an event once, with everything it holds", async () => {
      await clear();
      const event = anEvent("e1", {
        candidates: [{ text: "ABC123", confidence: 0.5, model: "m" }],
        vehicleInfo: { color: "white", bbox: { x: 1 } },
        tpmsStatus: { sensors: 4 },
        metadata: { note: "it's 50% 'quoted' \\ 😀" },
      });
      assert.equal((await events.create(event, 5))?.change, "created");
      assert.equal(await events.create({ ...event, plateText: "OTHER" }, 6), null);
      assert.deepEqual(await events.get("e1"), storedOf(event, { createdAt: 5, updatedAt: 5 }));
      assert.equal(await events.get("nope"), null);
    });

    it("brings a passage's event up to date and never loses a decision", async () => {
      await clear();
      const early = aPassage("p1", { state: "preliminary", revision: 1, votes: [aVote("ABC12")] });
      const first = await events.save(eventOfPassage(early, aDecision("p1"), null, noSite), 1);
      assert.equal(first?.change, "created");
      assert.equal(first?.becameFinal, false);
      const barrier = await events.setBarrier("p1", anOutcome("p1"), 2);
      assert.equal(barrier?.event.timeToOpenMs, 400);
      const last = await events.save(eventOfPassage(aPassage("p1"), null, null, noSite), 3);
      assert.equal(last?.becameFinal, true);
      const again = await events.save(eventOfPassage(aPassage("p1"), null, null, noSite), 4);
      assert.equal(again, null);
      const stored = await events.get("p1");
      assert.equal(stored?.decision, "open");
      assert.equal(stored?.retentionClass, "allowed");
      assert.equal(stored?.barrier?.result, "done");
      assert.equal(stored?.timeToOpenMs, 400);
      assert.equal(stored?.updatedAt, 3);
      const reads = await database.db.selectFrom("reads").selectAll().execute();
      assert.deepEqual(reads.map((read) => read.text).sort(), ["A8C123", "ABC123"]);
    });

    it("keeps one event where twenty accounts of it arrive at once", async () => {
      await clear();
      const accounts = Array.from({ length: 20 }, (_, i) =>
        eventOfPassage(aPassage("p2", { revision: i + 1, confidence: i / 20 }), null, null, noSite),
      );
      const changes = await Promise.all(accounts.map((account, i) => events.save(account, i)));
      assert.equal(changes.filter((change) => change?.change === "created").length, 1);
      assert.equal((await events.get("p2"))?.confidence, 19 / 20);
      assert.equal(await events.count({}), 1);
    });

    it("filters, sorts and pages", async () => {
      await clear();
      const plates = ["ABC123", "XBC99", "ZZ1", "AB%C", "A_1!", "ABC123", "กข1234"];
      for (const [i, plateText] of plates.entries()) {
        const changes = { plateText, timestamp: MONDAY + i, confidence: i / 10 };
        await events.create(
          anEvent(`f${i}`, { ...changes, cameraId: i % 2 ? "cam-1" : "cam-2", zoneId: null }),
          1,
        );
      }
      const found = async (filter: EventFilter) =>
        (await events.list(filter, { ...NEWEST_FIRST, sortOrder: "asc" })).items.map((e) => e.id);
      assert.deepEqual(await found({ plateContains: "BC" }), ["f0", "f1", "f5"]);
      assert.deepEqual(await found({ plateContains: "BC12" }), ["f0", "f5"]);
      assert.deepEqual(await found({ plateContains: "bc12" }), []);
      assert.deepEqual(await found({ plateContains: "B%C" }), ["f3"]);
      assert.deepEqual(await found({ plateContains: "%" }), ["f3"]);
      assert.deepEqual(await found({ plateContains: "_" }), ["f4"]);
      assert.deepEqual(await found({ plateContains: "1!" }), ["f4"]);
      assert.deepEqual(await found({ plateContains: "ข12" }), ["f6"]);
      assert.deepEqual(await found({ plateContains: "' or 1=1 --" }), []);
      assert.deepEqual(await found({ platePattern: "A*3" }), ["f0", "f5"]);
      assert.deepEqual(await found({ platePattern: "?BC*" }), ["f0", "f1", "f5"]);
      assert.deepEqual(await found({ plate: "ABC123" }), ["f0", "f5"]);
      assert.deepEqual(await found({ cameraId: "cam-1" }), ["f1", "f3", "f5"]);
      assert.deepEqual(await found({ from: MONDAY + 2, to: MONDAY + 3 }), ["f2", "f3"]);
      assert.deepEqual(await found({ minConfidence: 0.5 }), ["f5", "f6"]);
      const page = await events.list(
        { cameraId: "cam-2" },
        { skip: 1, limit: 2, sortBy: "confidence", sortOrder: "desc" },
      );
      assert.equal(page.total, 4);
      assert.deepEqual(
        page.items.map((e) => e.id),
        ["f4", "f2"],
      );
      const none = await events.list({}, { ...NEWEST_FIRST, limit: 0 });
      assert.deepEqual(none, { items: [], total: 7 });
    });

    it("counts per interval, camera and zone", async () => {
      await clear();
      const hour = 3_600_000;
      for (let i = 0; i < 8; i++) {
        await events.create(
          anEvent(`s${i}`, {
            timestamp: MONDAY + i * hour * 6,
            plateText: `P${i % 3}XY`,
            cameraId: i < 6 ? "a" : "b",
            zoneId: i % 2 ? "z" : null,
            confidence: i === 0 ? null : 0.5 + i / 100,
          }),
          1,
        );
      }
      const stats = await events.statistics({
        filter: {},
        interval: "day",
        timeZone: "Europe/Vienna",
      });
      assert.equal(stats.totalEvents, 8);
      assert.equal(stats.uniquePlates, 3);
      assert.equal(stats.minConfidence, 0.51);
      assert.equal(stats.maxConfidence, 0.5 + 7 / 100);
      assert.ok(Math.abs((stats.avgConfidence ?? 0) - 0.54) < 1e-9);
      assert.equal(stats.byCamera["a"]?.count, 6);
      assert.equal(stats.byZone["z"]?.count, 4);
      // local midnight is 23:00 UTC the day before
      assert.deepEqual(
        stats.timeline.map((bucket) => [new Date(bucket.timestamp).toISOString(), bucket.count]),
        [
          ["2026-03-01T23:00:00.000Z", 3],
          ["2026-03-02T23:00:00.000Z", 4],
          ["2026-03-03T23:00:00.000Z", 1],
        ],
      );
      const empty = await events.statistics({
        filter: { cameraId: "none" },
        interval: "hour",
        timeZone: "UTC",
      });
      assert.deepEqual([empty.totalEvents, empty.timeline, empty.minConfidence], [0, [], null]);
    });

    it("deletes an event with its reads and the plate's search parts", async () => {
      await clear();
      await events.save(eventOfPassage(aPassage("d1"), null, null, noSite), 1);
      assert.equal((await events.delete("d1"))?.id, "d1");
      assert.equal(await events.delete("d1"), null);
      for (const table of ["reads", "plate_grams"] as const) {
        assert.deepEqual(await database.db.selectFrom(table).selectAll().execute(), []);
      }
    });

    it("takes back a transaction that fails and a batch that fails in the middle", async () => {
      await clear();
      await assert.rejects(
        database.db.transaction().execute(async (transaction) => {
          await transaction
            .insertInto("settings")
            .values({ name: "t", value_json: "1", updated_at: 1 })
            .execute();
          throw new Error("no");
        }),
        /no/,
      );
      const row = { name: "dup", value_json: "1", updated_at: 1 };
      const insert = database.db.insertInto("settings").values(row);
      const others = Array.from({ length: 10 }, (_, i) => events.create(anEvent(`g${i}`), 1));
      await assert.rejects(database.batch([insert, insert]), code("conflict"));
      assert.ok((await Promise.all(others)).every((change) => change?.change === "created"));
      const settings = new DatabaseSettings(database);
      assert.deepEqual([await settings.get("t"), await settings.get("dup")], [null, null]);
    });

    it("keeps users, unique by name and email in any case", async () => {
      const users = new DatabaseUsers(database);
      const user = {
        id: "u1",
        username: "Admin",
        email: "A@b.c",
        fullName: null,
        passwordHash: "h",
        role: "admin",
        active: true,
        tokenVersion: 0,
        createdAt: 1,
        updatedAt: 1,
        lastLoginAt: null,
      };
      await users.create(user);
      await assert.rejects(
        users.create({ ...user, id: "u2", username: "ADMIN" }),
        code("conflict"),
      );
      await assert.rejects(
        users.create({ ...user, id: "u2", username: "b", email: "a@B.c" }),
        code("conflict"),
      );
      await users.create({ ...user, id: "u3", username: "x", email: null });
      await users.create({ ...user, id: "u4", username: "y", email: null });
      assert.deepEqual(await users.findByLogin("aDmin "), user);
      assert.equal((await users.findByLogin("a@b.C"))?.id, "u1");
      assert.equal(await users.update("u1", { active: false, lastLoginAt: 9 }, 10), true);
      assert.equal(await users.update("u9", { active: false }, 10), false);
      const changed = await users.get("u1");
      assert.deepEqual([changed?.active, changed?.lastLoginAt, changed?.role], [false, 9, "admin"]);
      assert.equal((await users.list({ skip: 1, limit: 1 })).items[0]?.id, "u3");
      assert.equal(await users.count(), 3);

      const sessions = new DatabaseSessions(database);
      const session = {
        id: "s1",
        familyId: "f1",
        userId: "u1",
        kind: "refresh" as const,
        tokenHash: "th",
        createdAt: 1,
        expiresAt: 100,
        lastUsedAt: null,
        revokedAt: null,
        replacedAt: null,
        address: "::1",
        userAgent: "x".repeat(2000),
      };
      await sessions.create(session);
      assert.deepEqual(await sessions.findByHash("th"), session);
      assert.equal(await sessions.isActive("f1", 99), true);
      assert.equal(await sessions.isActive("f1", 100), false);
      const next = { ...session, id: "s2", tokenHash: "th2" };
      assert.equal(await sessions.replace("s1", next, 4), true);
      assert.equal(await sessions.replace("s1", { ...next, id: "s3", tokenHash: "th3" }, 4), false);
      const old = await sessions.get("s1");
      assert.deepEqual([old?.revokedAt, old?.replacedAt], [4, 4]);
      assert.deepEqual(await sessions.listActive("u1", 5), [next]);
      assert.equal(await sessions.revokeFamily("f1", 5), 1);
      assert.equal(await sessions.isActive("f1", 5), false);
      await sessions.create({ ...next, id: "s4", familyId: "s4", tokenHash: "th4" });
      assert.equal(await sessions.revokeAll("u1", 5), 1);
      assert.equal(await users.delete("u1"), true);
      assert.equal(await sessions.get("s1"), null);
    });

    it("keeps API keys and the audit log", async () => {
      const keys = new DatabaseApiKeys(database);
      const key = {
        id: "k1",
        name: "edge",
        keyHash: "hash",
        prefix: "pg_ab",
        scopes: ["ingest", "stream"],
        createdBy: null,
        createdAt: 1,
        expiresAt: null,
        lastUsedAt: null,
        revokedAt: null,
      };
      await keys.create(key);
      await keys.touch("k1", 7);
      assert.deepEqual(await keys.findByHash("hash"), { ...key, lastUsedAt: 7 });
      assert.equal(await keys.revoke("k1", 8), true);
      assert.equal(await keys.revoke("k1", 9), false);

      const audit = new DatabaseAudit(database);
      for (const [i, action] of ["event.lookup", "event.export", "auth.login"].entries()) {
        await audit.append({
          id: `a${i}`,
          at: i,
          actor: "admin",
          organisation: null,
          action,
          subject: null,
          purpose: "why",
          result: "ok",
          address: null,
          requestId: null,
          detail: { i },
        });
      }
      const page = { skip: 0, limit: 10 };
      const events_ = await audit.list({ action: "event." }, page);
      assert.deepEqual(
        events_.items.map((entry) => [entry.action, entry.detail["i"]]),
        [
          ["event.export", 1],
          ["event.lookup", 0],
        ],
      );
      assert.equal((await audit.list({ from: 1, to: 1 }, page)).total, 1);
      assert.equal(await audit.purge(2), 2);
    });
  });
}

describe("database address", () => {
  it("is explained where it cannot be", () => {
    assert.equal(databaseAddress("", "/h").target, "/h/plategate.db");
    assert.equal(databaseAddress("sqlite:x/y.db", "/h").target, "/h/x/y.db");
    assert.equal(databaseAddress("file:///a/b.db", "/h").target, "/a/b.db");
    assert.equal(
      databaseAddress("postgres://u:secret@h/db", "/h").shown,
      "postgresql://u:***@h/db",
    );
    for (const bad of ["oracle://x", "sqlite:", "sqlite::memory:", "mysql://h:notaport/x"]) {
      assert.throws(() => databaseAddress(bad, "/h"), code("invalid"), bad);
    }
  });
});
