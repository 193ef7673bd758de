import assert from "node:assert/strict";
import type { BarrierController } from "../../adapters/barriers/controller";
import { waitFor } from "../fixtures/application";
import { GatewayKit, HERE } from "../fixtures/mqtt-gateway-kit";
import { photo } from "../fixtures/notify-kit";

describe("MQTT gateway", function () {
  this.timeout(60_000);
  let kit: GatewayKit;
  let entry: BarrierController;

  before(async () => {
    kit = await GatewayKit.open();
  });
  beforeEach(() => {
    entry = kit.barrier();
  });
  afterEach(() => kit.reset());
  after(() => kit.close());

  it("tells of reads, decisions and pictures, and keeps none of them", async () => {
    const { url, house } = await kit.house();
    await kit.gateway(url);
    await house.until(`${HERE}/availability`, ({ payload }) => payload === "online");
    const open = { decision: "open", reason: "allowed", decidedAt: Date.now() };
    await kit.save("m1", { ...open, state: "preliminary" });
    const decided = await house.until(`${HERE}/entry/decision`);
    assert.match(decided.payload, /"event_id":"m1","decision":"open","reason":"allowed"/);
    assert.equal(house.jsonOn(`${HERE}/entry/read`).length, 0, "a read is final");
    await kit.save("m1", { ...open, revision: 2 }, await photo());
    const read = await house.until(`${HERE}/entry/read`);
    const told = JSON.parse(read.payload) as Record<string, unknown>;
    assert.deepEqual(
      [told["event_type"], told["event_id"], told["plate_text"], told["lane_id"]],
      ["allowed", "m1", "ABC123", "entry"],
    );
    const picture = await house.until(`${HERE}/entry/picture`);
    assert.deepEqual([...picture.bytes.subarray(0, 2)], [0xff, 0xd8]);
    assert.equal(house.jsonOn(`${HERE}/entry/decision`).length, 1, "a decision is told once");
    await kit.save("m2", { ...open, timestamp: Date.now() - 120_000, decidedAt: null });
    await house.until(`${HERE}/entry/read`, ({ payload }) => payload.includes('"m2"'));
    assert.equal(house.jsonOn(`${HERE}/entry/read`)[1]?.["event_type"], "late");
    const later = await kit.listener(url);
    await later.until(`${HERE}/entry/barrier/state`);
    const kept = later.heard.filter(({ retained, topic }) => retained && topic.startsWith(HERE));
    assert.deepEqual(
      kept.map(({ topic }) => topic.slice(HERE.length + 1)).sort(),
      ["availability", "entry/availability", "entry/barrier/state", "entry/barrier/status"].concat(
        "occupancy",
      ),
    );
  });

  it("tells Home Assistant what there is, again when it starts, and what is gone", async () => {
    const { url, house } = await kit.house();
    const { resources } = await kit.store.open();
    const lane = { site_id: null, enabled: true, direction: "both", barrier_id: null };
    await resources.lanes.create("exit", { name: "Exit", metadata: {}, ...lane } as never, 1);
    kit.closers.unshift(async () => void (await resources.lanes.delete("exit")));
    await kit.gateway(url, "broker");
    const cover = "homeassistant/cover/plategate_yard_entry/gate/config";
    const found = JSON.parse((await house.until(cover)).payload) as Record<string, unknown>;
    assert.equal(found["device_class"], "gate");
    assert.equal(found["state_topic"], `${HERE}/entry/barrier/state`);
    assert.equal(found["command_topic"], `${HERE}/entry/barrier/set`);
    assert.equal(found["payload_close"], "close");
    assert.deepEqual(found["availability"], [
      { topic: `${HERE}/availability` },
      { topic: `${HERE}/entry/availability` },
    ]);
    for (const [component, lane, what] of [
      ["event", "yard_exit", "read"],
      ["image", "yard_exit", "picture"],
      ["sensor", "yard", "occupancy"],
    ]) {
      await house.until(`homeassistant/${component}/plategate_${lane}/${what}/config`);
    }
    assert.ok(!house.heard.some(({ topic }) => topic.includes("cover/plategate_yard_exit")));
    const inside = JSON.parse((await house.until(`${HERE}/occupancy`)).payload) as object;
    assert.deepEqual(inside, { inside: 0, limit: null, mode: "normal" });
    const before = house.jsonOn(cover).length;
    await house.say("homeassistant/status", "online");
    await waitFor(
      () => house.jsonOn(cover).length > before || undefined,
      20_000,
      () => "the second announcement",
    );
    await entry.stop();
    await house.until(cover, ({ payload }) => payload === "");
  });

  it("follows the barrier, and says when it goes", async () => {
    const { url, house } = await kit.house();
    const first = await kit.gateway(url, "broker");
    await house.until(`${HERE}/entry/barrier/state`, ({ payload }) => payload === "closed");
    await house.say(`${HERE}/entry/barrier/set`, "OPEN");
    await house.until(`${HERE}/entry/barrier/state`, ({ payload }) => payload === "open");
    const status = house.jsonOn(`${HERE}/entry/barrier/status`).at(-1);
    assert.deepEqual([status?.["state"], status?.["can_close"]], ["open", true]);
    await first.close();
    await house.until(`${HERE}/availability`, ({ payload }) => payload === "offline");
    await house.until(`${HERE}/entry/availability`, ({ payload }) => payload === "offline");
  });

  it("carries out no command unless it is turned on", async () => {
    const { url, house } = await kit.house();
    await kit.gateway(url);
    await house.until(`${HERE}/entry/barrier/state`);
    const discovered = await house.until("homeassistant/cover/plategate_yard_entry/gate/config");
    assert.ok(!discovered.payload.includes("command_topic"));
    await house.say(`${HERE}/entry/barrier/set`, "open");
    await house.say(
      `${HERE}/entry/barrier/set`,
      `{"action":"open","key":"${await kit.key("control")}"}`,
    );
    await kit.save("m3", {});
    await house.until(`${HERE}/entry/read`, ({ payload }) => payload.includes('"m3"'));
    assert.equal(entry.state(), "closed");
  });

  it("asks for a key with the right, and writes each refusal into the audit log", async () => {
    const { url, house } = await kit.house();
    await kit.gateway(url, "key");
    await house.until(`${HERE}/entry/barrier/state`);
    const good = await kit.key("control");
    const reading = await kit.key("read");
    const set = (command: object | string, retain = false) =>
      house.say(
        `${HERE}/entry/barrier/set`,
        typeof command === "string" ? command : JSON.stringify(command),
        retain,
      );
    const replies = () => house.jsonOn(`${HERE}/entry/barrier/result`);
    const answer = async (id: string) => {
      const heard = await house.until(`${HERE}/entry/barrier/result`, ({ payload }) =>
        payload.includes(`"id":"${id}"`),
      );
      return JSON.parse(heard.payload) as { result: string; reason: string };
    };
    const reasons = async (command: object, id: string) => {
      await set({ action: "open", id, ...command });
      const { result, reason } = await answer(id);
      assert.equal(result, "refused", id);
      return reason;
    };
    assert.match(await reasons({}, "a"), /no key/);
    assert.match(await reasons({ key: "pg_wrong" }, "b"), /not good/);
    assert.match(await reasons({ key: reading }, "c"), /may not move/);
    assert.match(await reasons({ key: "edge-key-of-this-test" }, "d"), /may not move/);
    await set({ action: "open", key: good, at: new Date(Date.now() - 31_000).toISOString() });
    await waitFor(
      () => replies()[4],
      20_000,
      () => "the late one's answer",
    );
    assert.match(String(replies()[4]?.["reason"]), /too old/);
    await set("{}");
    await set({ action: "open", key: good }, true);
    await waitFor(
      () => replies()[5],
      20_000,
      () => "an answer to nonsense",
    );
    // the retained one came to us as a live one; what is kept is refused to whoever comes later
    await set("", true);
    await waitFor(
      () => entry.state() === "open" || undefined,
      20_000,
      () => "the gate",
    );
    await set({ action: "close", key: good, id: "e", reason: "courier is gone" });
    assert.equal((await answer("e")).result, "done");
    await set({ action: "close", key: good, id: "e" });
    await waitFor(
      () => replies().filter((one) => one["id"] === "e")[1],
      20_000,
      () => "the second answer",
    );
    assert.equal(replies().filter((one) => one["id"] === "e")[1]?.["result"], "ignored");
    const { audit } = await kit.store.open();
    const { items } = await audit.list({ action: "barrier.open" }, { skip: 0, limit: 50 });
    assert.equal(items.length, 4);
    assert.ok(items.every(({ result, actor }) => result === "refused" && actor === "mqtt:home"));
    assert.ok(!JSON.stringify(items).includes(good));
    assert.ok(
      !house.heard.some(({ topic, payload }) => /result$/.test(topic) && payload.includes("pg_")),
    );
  });

  it("moves no other barrier of the lane while the one that is meant is away", async () => {
    const { url, house } = await kit.house();
    kit.registry.plan([
      { id: "a0", laneId: "entry" },
      { id: "b1", laneId: "entry" },
    ]);
    kit.closers.push(() => Promise.resolve(kit.registry.plan([])));
    await kit.gateway(url, "key");
    await house.until(`${HERE}/b1/barrier/state`);
    const command = { action: "open", id: "x", key: await kit.key("control") };
    await house.say(`${HERE}/entry/barrier/set`, JSON.stringify(command));
    const { payload } = await house.until(`${HERE}/entry/barrier/result`);
    assert.match(payload, /"refused".*is away/);
    assert.equal(entry.state(), "closed");
    await house.say(`${HERE}/b1/barrier/set`, JSON.stringify(command));
    const own = await house.until(`${HERE}/b1/barrier/result`);
    assert.match(own.payload, /"done"/);
  });

  it("refuses what the broker had kept from before", async () => {
    const { url, house } = await kit.house();
    await house.say(`${HERE}/entry/barrier/set`, "open", true);
    await kit.gateway(url, "broker");
    const { payload } = await house.until(`${HERE}/entry/barrier/result`);
    assert.match(payload, /"refused".*retained/);
    assert.equal(entry.state(), "closed");
  });
});
