import assert from "node:assert/strict";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import { MqttListener, startBroker, type TestBroker } from "../fixtures/mqtt-kit";
import { RelayServer } from "../fixtures/relay-server";

describe("MQTT of the environment's variables", function () {
  this.timeout(180_000);
  const relay = new RelayServer();
  let broker: TestBroker;
  let house: MqttListener;
  let app: RunningApplication;

  before(async () => {
    const login = { username: "gate", password: "s3cret-mqtt" };
    broker = await startBroker({ users: { [login.username]: login.password } });
    const url = `mqtt://127.0.0.1:${broker.port}`;
    house = await MqttListener.connect(url, login);
    app = await startApplication({
      env: {
        BARRIER_TYPE: "http",
        BARRIER_HTTP_ENTRY_URL: await relay.start(),
        MQTT_URL: url,
        MQTT_USERNAME: login.username,
        MQTT_PASSWORD: login.password,
        MQTT_COMMANDS: "broker",
      },
    });
  });
  after(async () => {
    await house.stop();
    await discard(app);
    await broker.stop();
    await relay.stop();
  });

  it("shows the gate, moves it on the broker's word, and says when it ends", async () => {
    await house.until("homeassistant/cover/plategate_site_entry/gate/config");
    await house.say("plategate/site/entry/barrier/set", "open");
    const { payload } = await house.until("plategate/site/entry/barrier/result");
    assert.match(payload, /"action":"open","result":"done"/);
    assert.equal(relay.changes[0]?.on, true);
    const audit = await app.get("/api/v1/audit?action=barrier.open");
    const { items } = (await audit.json()) as { items: { actor: string }[] };
    assert.equal(items[0]?.actor, "mqtt:gate");
    assert.ok(!app.output().includes("s3cret-mqtt"));
    await app.stop();
    await house.until("plategate/site/availability", (heard) => heard.payload === "offline");
  });
});
