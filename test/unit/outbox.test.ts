import assert from "node:assert/strict";
import { StoreError } from "../../core/events/errors";
import { eventOfPassage } from "../../core/events/event";
import type { Database, DialectName } from "../../adapters/database/types";
import { TargetRunner } from "../../adapters/outbox/runner";
import { testDatabase, type TestDatabase } from "../fixtures/databases";
import { waitFor } from "../fixtures/application";
import { aPassage, anEvent } from "../fixtures/events";
import { outboxOver, RecordingTarget } from "../fixtures/outbox";

const noSite = { siteId: null, zoneId: null };

for (const dialect of ["sqlite", "postgres", "mysql"] as DialectName[]) {
  describe(`outbox: ${dialect}`, function () {
    this.timeout(60_000);
    let made: TestDatabase;
    let database: Database;
    const open: { close(): Promise<void> }[] = [];

    before(async function () {
      const result = await testDatabase(dialect);
      if (typeof result === "string") {
        this.test?.parent?.tests.forEach((test) => (test.title += ` (${result})`));
        this.skip();
      }
      made = result;
      database = made.database;
    });
    after(async () => made?.drop());
    afterEach(async () => {
      for (const one of open.splice(0)) await one.close();
      for (const table of ["outbox", "outbox_targets", "events"] as const) {
        await database.db.deleteFrom(table).execute();
      }
    });

    const outbox = (options: { limit?: number } = {}) => {
      const parts = outboxOver(database, options);
      open.push(parts.service);
      return parts;
    };

    it("tells of an event once, when it becomes final", async () => {
      const { events, service, repository } = outbox();
      service.register(new RecordingTarget("a"));
      const early = aPassage("p1", { state: "preliminary", revision: 1 });
      await events.save(eventOfPassage(early, null, null, noSite), 1);
      assert.equal((await repository.list({}, { skip: 0, limit: 0 })).total, 0);
      await events.save(eventOfPassage(aPassage("p1"), null, null, noSite), 2);
      await events.save(eventOfPassage(aPassage("p1", { revision: 3 }), null, null, noSite), 3);
      await Promise.all([1, 2, 3].map(() => events.save(anEvent("e1"), 4)));
      await events.create(anEvent("e1"), 9);
      const { items } = await repository.list({}, { skip: 0, limit: 10 });
      assert.deepEqual(items.map(({ eventId }) => eventId).sort(), ["e1", "p1"]);
    });

    it("delivers in order per lane, and a failing target holds up no other", async () => {
      const { events, service } = outbox();
      const good = new RecordingTarget("good");
      const away = new RecordingTarget("away");
      away.answer = () => ({ result: "unavailable", error: "connection refused" });
      service.register(good);
      service.register(away);
      service.start();
      for (let i = 0; i < 40; i++) {
        await events.save(anEvent(`e${i}`, { laneId: `lane-${i % 3}` }), 100 + i);
      }
      await good.until(() => good.taken.length === 40);
      for (const lane of ["lane-0", "lane-1", "lane-2"]) {
        const numbers = good.taken
          .filter((one) => one.lane === lane)
          .map(({ eventId }) => Number(eventId?.slice(1)));
        assert.deepEqual(
          numbers,
          [...numbers].sort((a, b) => a - b),
          lane,
        );
      }
      assert.equal(away.taken.length, 0);
      away.answer = () => ({ result: "delivered" });
      await away.until(() => away.taken.length === 40);
      assert.equal(new Set(away.taken.map(({ id }) => id)).size, 40);
    });

    it("keeps a dead letter for what a target will not take, and re-sends it", async () => {
      const { events, service, repository } = outbox();
      const target = new RecordingTarget("t");
      target.answer = ({ item }) =>
        item.eventId === "bad" ? { result: "failed", error: "HTTP 500" } : { result: "delivered" };
      service.register(target);
      service.start();
      await events.save(anEvent("bad", { laneId: "L" }), 1);
      await events.save(anEvent("after", { laneId: "L" }), 2);
      await target.until(() => target.taken.length === 1);
      assert.equal(target.tries, 4, "three tries of the bad one, one of the next");
      const dead = await waitFor(
        async () => (await repository.list({ state: "dead" }, { skip: 0, limit: 5 })).items[0],
        10_000,
        () => "a dead letter",
      );
      assert.equal(dead.eventId, "bad");
      assert.equal(dead.attempts, 3);
      assert.match(dead.lastError ?? "", /HTTP 500/);
      target.answer = () => ({ result: "delivered" });
      assert.equal(await repository.resend({ id: dead.id }), 1);
      service.retryNow("t");
      await target.until(() => target.taken.length === 2);
      assert.deepEqual(target.taken[1]?.id, dead.id);
    });

    it("sends from one process alone, and from the next when that one stops", async () => {
      const first = outbox();
      const second = outbox();
      const [a, b] = [new RecordingTarget("shared"), new RecordingTarget("shared")];
      first.service.register(a);
      first.service.start();
      await first.events.save(anEvent("e0"), 1);
      await a.until(() => a.taken.length === 1);
      second.service.register(b);
      second.service.start();
      for (let i = 1; i <= 20; i++) await second.events.save(anEvent(`e${i}`), i);
      await a.until(() => a.taken.length === 21);
      assert.equal(b.taken.length, 0);
      await first.service.close();
      second.service.retryNow("shared");
      await second.events.save(anEvent("last"), 50);
      await b.until(() => b.taken.length === 1, 30_000);
      assert.equal(b.taken[0]?.eventId, "last");
    });

    it("takes no more than its bound, and says what it left out", async () => {
      const { events, service, repository, feed } = outbox({ limit: 5 });
      const target = new RecordingTarget("t");
      target.answer = () => ({ result: "unavailable", error: "away" });
      service.register(target);
      await repository.lease("t", "nobody", 0, 0);
      for (let i = 0; i < 8; i++) await events.save(anEvent(`e${i}`), i);
      assert.equal((await repository.list({}, { skip: 0, limit: 0 })).total, 5);
      await assert.rejects(
        service.enqueue("t", { lane: "", kind: "note", eventId: null, payload: {} }),
        (error: unknown) => error instanceof StoreError && error.code === "bound",
      );
      for (const [id, refusals] of feed.takeRefusals()) await repository.refused(id, refusals);
      assert.equal((await repository.reports())[0]?.refused?.count, 4);
    });

    it("forgets what was delivered after a while, and a plate's items with its events", async () => {
      const { events, service, repository } = outbox();
      const target = new RecordingTarget("t");
      service.register(target);
      service.start();
      await events.save(anEvent("e1"), 1);
      await target.until(() => target.taken.length === 1);
      await waitFor(
        async () =>
          (await repository.list({ state: "done" }, { skip: 0, limit: 0 })).total || undefined,
        10_000,
        () => "the delivery to be noted",
      );
      assert.equal(await repository.purge(Date.now() + 1), 1);
      target.answer = () => ({ result: "unavailable", error: "away" });
      await events.save(anEvent("e2"), 2);
      await events.delete("e2");
      assert.equal((await repository.list({}, { skip: 0, limit: 0 })).total, 0);
    });

    it("waits as a target asks, and until its hours begin", async () => {
      let now = 1_000_000;
      const { events, service, repository, feed } = outboxOver(database, { clock: () => now });
      const target = new RecordingTarget("t");
      target.answer = () => ({ result: "unavailable", error: "HTTP 429", retryAfterMs: 90_000 });
      service.register(target);
      await events.save(anEvent("e1"), 1);
      const runner = new TargetRunner(target, {
        repository: () => Promise.resolve(repository),
        owner: "me",
        clock: () => now,
        random: () => 0,
        lookAgainMs: 2_000,
        readableTo: (time) => feed.positionAt(time),
        signal: new AbortController().signal,
        stopping: () => false,
      });
      assert.equal(await runner.turn(), now + 90_000);
      assert.equal(await runner.turn(), now + 90_000);
      assert.equal(target.tries, 1);
      now += 90_000;
      (target as { opensAt?: (at: number) => number }).opensAt = () => 2_000_000;
      assert.equal(await runner.turn(), 2_000_000);
      now = 2_000_000;
      target.answer = () => ({ result: "delivered" });
      await runner.turn();
      assert.equal(target.taken.length, 1);
      await service.close();
    });
  });
}
