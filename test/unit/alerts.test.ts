import assert from "node:assert/strict";
import { DatabaseAlerts } from "../../adapters/database/repositories/alerts";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import type { DialectName } from "../../adapters/database/types";
import { acquireStore } from "../../adapters/store/store";
import { blankWatchEntry } from "../../core/access/blank";
import { alertOfBarrier, alertsOfEvent } from "../../core/alerts/alert";
import type { BarrierStatus } from "../../core/barrier/ports";
import { blankEvent, storedOf } from "../../core/events/event";
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

  it("are written by the store for what the watch list names", async function () {
    this.timeout(60_000);
    const made = await testDatabase("sqlite");
    assert.ok(typeof made !== "string");
    const lease = await acquireStore({ url: made.url, home: made.home, log: () => undefined });
    try {
      const { access, alerts } = await lease.store.open();
      await access.watch.save({ ...blankWatchEntry("w1", "KX48*"), list: "watch", active: true });
      const images = { frame: null, crop: null };
      for (const [id, plate] of Object.entries({ e1: "KX48PLG", e2: "BGT7305" })) {
        await lease.store.writer.write({ kind: "event", event: blankEvent(id, 1, plate), images });
      }
      const found = await waitFor(
        async () => {
          const page = await alerts.list({ open: true }, { skip: 0, limit: 10 });
          return page.total > 0 ? page : undefined;
        },
        20_000,
        () => "the alert",
      );
      assert.deepEqual(
        found.items.map(({ eventId, kind }) => [eventId, kind]),
        [["e1", "watch_hit"]],
      );
    } finally {
      await lease.release();
      await made.drop();
    }
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
