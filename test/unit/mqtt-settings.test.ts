import assert from "node:assert/strict";
import { parseCommand } from "../../core/mqtt/command";
import { discovery } from "../../core/mqtt/discovery";
import { barrierAt, lanesOfBarriers } from "../../core/mqtt/lanes";
import { Topics } from "../../core/mqtt/topics";
import { gatewaySettings } from "../../nodes/mqtt-gateway/options";

const SITE = { id: "yard", name: "Yard" };
const NOW = Date.UTC(2026, 2, 2, 10);

describe("MQTT settings", () => {
  it("are off without a broker, and the environment's where the node is empty", () => {
    assert.equal(gatewaySettings({}, {}, SITE, {}), null);
    const env = {
      MQTT_URL: "mqtts://broker.local",
      MQTT_USERNAME: "gate",
      MQTT_PASSWORD: "s3cret",
      MQTT_TOPIC: "house/gates",
      MQTT_DISCOVERY: "off",
      MQTT_COMMANDS: "key",
    };
    const found = gatewaySettings({}, {}, SITE, env);
    assert.deepEqual(
      [found?.options.address.url, found?.options.address.password, found?.mode],
      ["mqtts://broker.local", "s3cret", "key"],
    );
    assert.equal(found?.options.discovery, null);
    assert.equal(found?.options.topics.ofLane("a/b", "read"), "house/gates/yard/a-b/read");
    assert.deepEqual([found?.options.commands, found?.options.buttons], [true, false]);
  });

  it("send the environment's password to no other broker", () => {
    const env = { MQTT_USERNAME: "gate", MQTT_PASSWORD: "s3cret", MQTT_CA: "/nowhere" };
    const own = gatewaySettings({ url: "mqtt://other", user: "me" }, {}, SITE, env);
    const { username, password, ca } = own?.options.address ?? {};
    assert.deepEqual([username, password, ca], ["me", undefined, undefined]);
  });

  it("take the broker's word for no command where the broker asks nobody who he is", () => {
    const commands = { url: "mqtt://broker", commands: "broker" };
    assert.throws(() => gatewaySettings(commands, {}, SITE, {}), /login/);
    const login = { ...commands, user: "gate" };
    assert.equal(gatewaySettings(login, { password: "x" }, SITE, {})?.options.buttons, true);
    const fallen = gatewaySettings({ url: "mqtt://broker" }, {}, SITE, { MQTT_COMMANDS: "" });
    assert.deepEqual([fallen?.mode, fallen?.options.commands], ["off", false]);
  });

  it("name what cannot be", () => {
    const wrong = (env: NodeJS.ProcessEnv) => () => gatewaySettings({}, {}, SITE, env);
    assert.throws(wrong({ MQTT_URL: "http://broker" }), /mqtt:\/\/host/);
    assert.throws(wrong({ MQTT_URL: "mqtt://b", MQTT_TOPIC: "a/#" }), /no \+/);
    assert.throws(wrong({ MQTT_URL: "mqtt://b", MQTT_COMMANDS: "yes" }), /MQTT_COMMANDS/);
    assert.throws(wrong({ MQTT_URL: "mqtt://b", MQTT_DISCOVERY: "a//b" }), /MQTT_DISCOVERY/);
  });
});

describe("MQTT commands as they are written", () => {
  it("are a word or an object", () => {
    assert.deepEqual(parseCommand(" OPEN\n", NOW), {
      ...{ action: "open", reason: "by MQTT" },
      ...{ key: null, token: null, id: null },
    });
    const given = { action: "hold", reason: "lorry", key: "pg_1", id: "7", at: NOW - 29_000 };
    const { action, reason, key, id } = parseCommand(JSON.stringify(given), NOW);
    assert.deepEqual([action, reason, key, id], ["hold", "lorry", "pg_1", "7"]);
  });

  for (const [what, payload] of Object.entries({
    nothing: "",
    "no action of ours": "toggle",
    "no JSON": "{open",
    "a list": "[]",
    "too old": JSON.stringify({ action: "open", at: NOW - 30_001 }),
    "not yet": JSON.stringify({ action: "open", at: NOW + 60_000 }),
    "no time": JSON.stringify({ action: "open", at: "soon" }),
    "too long": JSON.stringify({ action: "open", reason: "x".repeat(5_000) }),
  })) {
    it(`are refused: ${what}`, () => assert.throws(() => parseCommand(payload, NOW), RangeError));
  }

  it("mean one barrier or none", () => {
    const barriers = [
      { id: "b", laneId: "entry" },
      { id: "a", laneId: "entry" },
      { id: "c", laneId: null },
      { id: "x+y", laneId: null },
      { id: "x#y", laneId: null },
    ];
    assert.deepEqual(
      ["a", "b", "c"].map((id) => lanesOfBarriers(barriers).get(id)),
      ["entry", "b", "c"],
    );
    assert.equal(barrierAt(barriers, "entry")?.id, "a");
    assert.equal(barrierAt(barriers, "nowhere"), null);
    assert.equal(barrierAt(barriers, "x-y"), null, "two that look alike");
    const topics = new Topics("plategate", "yard");
    assert.equal(topics.commandedLane("plategate/yard/entry/barrier/set"), "entry");
    assert.equal(topics.commandedLane("plategate/yard/a/b/barrier/set"), null);
    assert.equal(topics.commandedLane("plategate/other/entry/barrier/set"), null);
  });

  it("are announced under ids that differ where lanes do", () => {
    const lanes = ["a b", "a.b", "a/b", "ไทย"].map((id) => ({ id, name: id, barrier: null }));
    const topics = new Topics("plategate", "yard");
    const options = { topics, siteName: "Yard", version: "1", commands: false, pictures: true };
    const all = discovery(lanes, { ...options, prefix: "homeassistant" });
    const ids = all.map(({ config }) => config["unique_id"]);
    assert.equal(new Set(ids).size, 9);
    for (const { topic } of all) assert.match(topic, /^homeassistant(\/[\w-]+){3}\/config$/);
  });
});
