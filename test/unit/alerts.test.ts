import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { DatabaseAlerts } from "../../adapters/database/repositories/alerts";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import type { DialectName } from "../../adapters/database/types";
import { acquireStore, type StoreLease } from "../../adapters/store/store";
import { blankWatchEntry } from "../../core/access/blank";
import type { WatchEntry } from "../../core/access/types";
import { alertOfBarrier, alertsOfEvent, type Alert } from "../../core/alerts/alert";
import type { BarrierStatus } from "../../core/barrier/ports";
import { blankEvent, storedOf, type NewEvent } from "../../core/events/event";
import type { BarrierOutcome } from "../../core/messages";
import { waitFor } from "../fixtures/application";
import { testDatabase, type TestDatabase } from "../fixtures/databases";

const event = (id: string, plate: string, changes = {}) =>
  storedOf({ ...blankEvent(id, 1000, plate), ...changes }, { createdAt: 1000, updatedAt: 1000 });

describe("alerts", () => {
  it("are made of watch-list hits and of barred vehicles that came", () => {
    const entry = { ...blankWatchEntry("w1", "AB1"), priority: "high" as const };
    const denied = event("e1", "AB1", { decision: "deny", reason: "deny_list" });
    const made = alertsOfEvent(denied, [entry]);
    assert.deepEqual(
      made.map(({ id, kind, priority, plate }) => [id, kind, priority, plate]),
      [
        ["w1:e1", "watch_hit", "high", "AB1"],
        ["denied:e1", "denied_vehicle", "high", "AB1"],
      ],
    );
    assert.deepEqual(
      alertsOfEvent(event("e2", "ZZ9", { decision: "deny", reason: "unknown_plate" }), []),
      [],
    );
  });

  it("are made of barriers in trouble and of no others", () => {
    const status = { id: "entry", laneId: null, state: "fault", trouble: "no answer" };
    assert.equal(alertOfBarrier(status as BarrierStatus, 5)?.text, "no answer");
    assert.equal(alertOfBarrier({ ...status, state: "open" } as BarrierStatus, 5), null);
  });

  for (const dialect of ["sqlite", "postgres", "mysql"] as DialectName[]) {
    it(`are kept once, acknowledged once and deleted with their event: ${dialect}`, async function () {
      this.timeout(60_000);
      const made = await testDatabase(dialect);
      if (typeof made === "string") return this.skip();
      try {
        await keepAndForget(made);
      } finally {
        await made.drop();
      }
    });
  }

  describe("written by the store", function () {
    this.timeout(60_000);
    let made: TestDatabase;
    let lease: StoreLease;

    beforeEach(async () => {
      const database = await testDatabase("sqlite");
      assert.ok(typeof database !== "string");
      made = database;
      lease = await acquireStore({ url: made.url, home: made.home, log: () => undefined });
    });
    afterEach(async () => {
      await lease.release();
      await made.drop();
    });

    const watch = async (changes: Partial<WatchEntry> = {}) => {
      const { access } = await lease.store.open();
      await access.watch.save({ ...blankWatchEntry("w1", "KX48*"), list: "watch", ...changes });
      await lease.store.watchListSeen();
    };
    const write = (id: string, plate: string, changes: Partial<NewEvent> = {}) => {
      const event = { ...blankEvent(id, 1000, plate), ...changes };
      const images = { frame: null, crop: null };
      return lease.store.writer.write({ kind: "event", event, images });
    };
    /** Alerts are written in the order of events: those before this one are there as well. */
    const alertsUpTo = (id: string) =>
      waitFor(
        async () => {
          const { alerts } = await lease.store.open();
          const { items } = await alerts.list({}, { skip: 0, limit: 10 });
          return items.some(({ eventId }) => eventId === id) ? items : undefined;
        },
        20_000,
        () => `the alert of ${id}`,
      );
    const eventsOf = (alerts: readonly Alert[]) => alerts.map(({ eventId }) => eventId).sort();

    it("tell of what the watch list names", async () => {
      await watch();
      await write("e1", "BGT7305");
      await write("e2", "KX48PLG");
      const found = await alertsUpTo("e2");
      assert.deepEqual(
        found.map(({ eventId, kind }) => [eventId, kind]),
        [["e2", "watch_hit"]],
      );
    });

    it("tell of no read that was not sure", async () => {
      await watch();
      await write("e1", "KX48PLG", { confidence: 0.49 });
      await write("e2", "KX48PLG", { confidence: 0.5 });
      assert.deepEqual(eventsOf(await alertsUpTo("e2")), ["e2"]);
    });

    it("tell of no plate that a passage was only thought to have, but at once of a barred vehicle", async () => {
      await watch();
      await write("e1", "KX48PLG", { state: "preliminary" });
      await write("e1", "BGT7305", { revision: 2 });
      const barred = { decision: "deny", reason: "blocked", decidedAt: 1000 } as const;
      await write("e2", "KX48PLG", { state: "preliminary", ...barred });
      const early = await alertsUpTo("e2");
      assert.deepEqual(
        early.map(({ eventId, kind }) => [eventId, kind]),
        [["e2", "denied_vehicle"]],
      );
    });

    it("tell of a passage once, however often it is saved, here and by webhook", async () => {
      const told: string[] = [];
      const receiver = createServer((request, response) => {
        void json(request).then((body) => {
          told.push((body as { event: { id: string } }).event.id);
          response.end("ok");
        });
      });
      await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
      try {
        const { port } = receiver.address() as AddressInfo;
        await watch({ webhookUrl: `http://127.0.0.1:${port}/hook` });
        await write("e1", "KX48PLG");
        await write("e1", "KX48PLG", { revision: 2, confidence: 0.99 });
        const barrier: BarrierOutcome = {
          barrierId: "entry",
          command: "open",
          result: "done",
          reason: null,
          state: "open",
          actor: "gate",
          passageId: "e1",
          requestedAt: 1000,
          confirmedAt: 1400,
        };
        await write("e1", "KX48PLG", { revision: 2, confidence: 0.99, barrier });
        await write("e2", "KX48ABC");
        assert.deepEqual(eventsOf(await alertsUpTo("e2")), ["e1", "e2"]);
        await waitFor(
          () => (told.includes("e2") ? true : undefined),
          20_000,
          () => "the webhook of e2",
        );
        assert.deepEqual(told, ["e1", "e2"]);
        const { events } = await lease.store.open();
        assert.equal((await events.get("e1"))?.barrier?.result, "done");
      } finally {
        receiver.close();
      }
    });
  });
});

async function keepAndForget({ database }: TestDatabase): Promise<void> {
  const events = new DatabaseEvents(database);
  const alerts = new DatabaseAlerts(database);
  await events.create(blankEvent("e1", 1000, "AB1"), 1000);
  const [alert] = alertsOfEvent(event("e1", "AB1"), [blankWatchEntry("w1", "AB1")]);
  assert.ok(alert);
  assert.equal(await alerts.add(alert), true);
  assert.equal(await alerts.add(alert), false);
  assert.equal(await alerts.count({ open: true }), 1);
  const first = await alerts.acknowledge(alert.id, "ann", "seen", 2000);
  const second = await alerts.acknowledge(alert.id, "bob", null, 3000);
  assert.equal(first?.acknowledgedBy, "ann");
  assert.deepEqual(second, first);
  assert.equal(await alerts.count({ open: true }), 0);
  assert.equal(await alerts.acknowledge("none", "ann", null, 1), null);
  await events.delete("e1");
  assert.equal(await alerts.count({}), 0);
}
