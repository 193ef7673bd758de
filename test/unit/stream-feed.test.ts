import assert from "node:assert/strict";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import { DatabaseStreamLog } from "../../adapters/database/repositories/stream-log";
import type { DialectName } from "../../adapters/database/types";
import { EventBus } from "../../adapters/events/bus";
import { EventFeed } from "../../adapters/events/feed";
import type { StoredEvent } from "../../core/events/event";
import { until } from "../fixtures/barrier-kit";
import { testDatabase, type TestDatabase } from "../fixtures/databases";
import { anEvent } from "../fixtures/events";

/** A process: its bus, its feed, what it gave out. */
interface Process {
  bus: EventBus;
  feed: EventFeed;
  given: string[];
  release: () => void;
}

for (const dialect of ["sqlite", "postgres", "mysql"] as DialectName[]) {
  describe(`the feed of events: ${dialect}`, function () {
    this.timeout(120_000);
    let made: TestDatabase;
    let events: DatabaseEvents;
    let log: DatabaseStreamLog;
    const processes: Process[] = [];

    before(async function () {
      const result = await testDatabase(dialect);
      if (typeof result === "string") {
        this.test?.parent?.tests.forEach((test) => (test.title += ` (${result})`));
        this.skip();
      }
      made = result;
      events = new DatabaseEvents(made.database);
      log = new DatabaseStreamLog(made.database);
    });
    after(async () => made?.drop());
    afterEach(async () => {
      for (const one of processes.splice(0)) one.release();
      await made.database.db.deleteFrom("stream_log").execute();
      await made.database.db.deleteFrom("events").execute();
    });

    const start = async (): Promise<Process> => {
      const bus = new EventBus();
      const shared = true;
      const warn = (message: string) => assert.fail(message);
      const parts = { log: () => Promise.resolve(log), bus, shared, clock: Date.now, warn };
      const feed = new EventFeed(parts);
      const given: string[] = [];
      feed.on("item", ({ event }) => given.push(event.id));
      const one = { bus, feed, given, release: await feed.acquire() };
      processes.push(one);
      return one;
    };
    const store = async (id: string): Promise<StoredEvent> => {
      await events.save(anEvent(id, { timestamp: Date.now() }), Date.now());
      const stored = await events.get(id);
      assert.ok(stored);
      return stored;
    };
    const publish = (bus: EventBus, event: StoredEvent, becameFinal = true) =>
      bus.publish({ event, change: "created", becameFinal }, (error) => assert.ifError(error));

    it("gives final events in an order that it has written", async () => {
      const { bus, feed, given } = await start();
      for (const id of ["a", "b", "c"]) publish(bus, await store(id));
      publish(bus, await store("preliminary"), false);
      await until(() => given.length === 3);
      assert.deepEqual(given, ["a", "b", "c"]);
      assert.equal(await feed.placeOf("b"), 2);
      assert.equal(await feed.placeOf("preliminary"), null);
      const { items, through } = await feed.after(1, 10);
      assert.deepEqual([items.map(({ event }) => event.id), through], [["b", "c"], 3]);
    });

    it("finds what was stored and not given out before a crash, once", async () => {
      const { bus, given, release } = await start();
      publish(bus, await store("a"));
      await until(() => given.length === 1);
      release();
      await store("lost");
      const next = await start();
      publish(next.bus, await store("b"));
      await until(() => next.given.length === 2);
      assert.deepEqual(next.given, ["lost", "b"]);
      assert.equal(next.feed.seq, 3);
    });

    it("leaves out what was erased meanwhile", async () => {
      const { bus, feed, given } = await start();
      for (const id of ["a", "b", "c"]) publish(bus, await store(id));
      await until(() => given.length === 3);
      await events.delete("b");
      const { items, through } = await feed.after(0, 10);
      assert.deepEqual([items.map(({ event }) => event.id), through], [["a", "c"], 3]);
    });

    it("gives every process all events in one order", async () => {
      const pair = [await start(), await start()];
      const [first, second] = pair as [Process, Process];
      await Promise.all(
        Array.from({ length: 40 }, async (_, i) => {
          publish(i % 2 ? first.bus : second.bus, await store(`e${i}`));
        }),
      );
      await until(() => pair.every(({ given }) => given.length >= 40), 20_000);
      assert.deepEqual(first.given, second.given);
      assert.equal(new Set(first.given).size, 40);
      assert.equal((await log.last())?.seq, 40);
    });
  });
}
