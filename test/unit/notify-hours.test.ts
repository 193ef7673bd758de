import assert from "node:assert/strict";
import { openRule } from "../../adapters/notify/rule-targets";
import { quietUntil } from "../../core/notify/hours";
import type { QuietHours } from "../../core/notify/types";
import { waitFor } from "../fixtures/application";
import { testDatabase } from "../fixtures/databases";
import { aRule, refused } from "../fixtures/notify-kit";
import { outboxOver } from "../fixtures/outbox";
import { HttpReceiver } from "../fixtures/receivers";

const HOUR = 3_600_000;
/** 2026-03-02, a Monday, 22:00 UTC: 23:00 in Vienna. */
const EVENING = Date.UTC(2026, 2, 2, 22);
const NIGHT: QuietHours = { from: "22:00", to: "06:00", days: [], except: ["denied"] };
const ZONE = "Europe/Vienna";

describe("quiet hours", function () {
  this.timeout(30_000);

  const closers: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  it("begin and end by the rule's clock on the wall, over midnight and summer time", () => {
    assert.equal(quietUntil(NIGHT, EVENING, ZONE), EVENING + 7 * HOUR);
    assert.equal(quietUntil(NIGHT, EVENING + 7 * HOUR, ZONE), EVENING + 7 * HOUR);
    const noon = EVENING - 11 * HOUR;
    assert.equal(quietUntil(NIGHT, noon, ZONE), noon);
    // Sunday 2026-03-29: clocks go from 02:00 to 03:00, the night is an hour shorter
    const shortNight = Date.UTC(2026, 2, 28, 22);
    assert.equal(quietUntil(NIGHT, shortNight, ZONE), shortNight + 6 * HOUR);
    const tuesday = { ...NIGHT, days: [2] };
    assert.equal(quietUntil(tuesday, EVENING, ZONE), EVENING);
    assert.equal(quietUntil(tuesday, EVENING + 24 * HOUR, ZONE), EVENING + 31 * HOUR);
    assert.equal(quietUntil(tuesday, EVENING + 28 * HOUR, ZONE), EVENING + 31 * HOUR);
  });

  it("hold notices back until they end, over a restart, but not what is excepted", async () => {
    const made = await testDatabase("sqlite");
    assert.ok(typeof made !== "string");
    const receiver = await HttpReceiver.start();
    closers.push(
      () => receiver.stop(),
      () => made.drop(),
    );
    let now = EVENING;
    const rule = aRule(
      { type: "webhook", url: receiver.url, headers: {}, secret: "", signing_secret: "" },
      { id: "night", quiet_hours: NIGHT, time_zone: ZONE, picture: false },
    );
    const images = { open: () => Promise.resolve(null) };
    const begin = () => {
      const { service, events, repository } = outboxOver(made.database, { clock: () => now });
      const parts = { images, clock: () => now, log: () => undefined };
      const open = openRule(service, rule, { events: true }, parts);
      service.start();
      const stop = async (): Promise<void> => {
        await open.close();
        await service.close();
      };
      closers.unshift(stop);
      return { service, events, repository, stop };
    };
    const told = () =>
      receiver.requests.map(({ body }) => (JSON.parse(body.toString()) as { type: string }).type);
    const until = (count: number) =>
      waitFor(
        () => told()[count - 1],
        20_000,
        () => `${count} notices, not ${told().join()}`,
      );

    const first = begin();
    await first.events.save(refused("quiet-1", { timestamp: now }), now);
    await first.events.save(refused("quiet-2", { timestamp: now }), now);
    const urgent = { timestamp: now, reason: "deny_list" as const };
    await first.events.save(refused("urgent", urgent), now);
    await until(1);
    assert.deepEqual(told(), ["notice.denied"]);
    const { items } = await first.repository.list({ state: "waiting" }, { skip: 0, limit: 10 });
    assert.deepEqual(items.map(({ eventId }) => eventId).sort(), ["quiet-1", "quiet-2"]);
    await first.stop();

    now = EVENING + 7 * HOUR - 1;
    const second = begin();
    const later = { timestamp: now, reason: "deny_list" as const };
    await second.events.save(refused("urgent-2", later), now);
    await until(2);
    assert.deepEqual(told(), ["notice.denied", "notice.denied"]);
    now = EVENING + 7 * HOUR;
    for (const { target } of items) second.service.retryNow(target);
    await until(4);
    assert.deepEqual(told().slice(2), ["notice.unknown", "notice.unknown"]);
    await second.stop();
  });
});
