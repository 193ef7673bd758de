import assert from "node:assert/strict";
import { discard, startApplication, type RunningApplication } from "../fixtures/application";
import { MqttListener, startBroker, type TestBroker } from "../fixtures/mqtt-kit";
import { RelayServer } from "../fixtures/relay-server";

const SET = "plategate/site/entry/barrier/set";

for (const commands of ["broker", "key"] as const) {
  describe(`MQTT of the environment's variables, commands by ${commands}`, function () {
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
          MQTT_COMMANDS: commands,
        },
      });
    });
    after(async () => {
      await house.stop();
      await discard(app);
      await broker.stop();
      await relay.stop();
    });

    if (commands === "key") {
      it("moves the gate for a key that may, and for no other", async () => {
        const keyFor = async (scope: string): Promise<string> => {
          const made = await app.get("/api/v1/api_keys", {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ name: scope, scopes: [scope] }),
          });
          return ((await made.json()) as { key: string }).key;
        };
        const result = async (id: string, command: object): Promise<string> => {
          await house.say(SET, JSON.stringify({ action: "open", reason: "test", id, ...command }));
          const isMine = (heard: { payload: string }) => heard.payload.includes(`"id":"${id}"`);
          return (await house.until("plategate/site/entry/barrier/result", isMine)).payload;
        };
        const reader = await keyFor("read");
        const guard = await keyFor("control");
        await house.until("plategate/site/entry/barrier/state");
        assert.match(await result("1", {}), /"result":"refused"/);
        assert.match(await result("2", { key: reader }), /"result":"refused"/);
        assert.match(await result("3", { key: "pg_wrong" }), /"result":"refused"/);
        assert.deepEqual(
          relay.changes.filter(({ on }) => on),
          [],
        );
        assert.match(await result("4", { key: guard }), /"result":"done"/);
        assert.equal(relay.changes.filter(({ on }) => on).length, 1);
        assert.ok(!app.output().includes(guard), "no key in the log");
      });
      return;
    }

    it("shows the gate, moves it on the broker's word, and says when it ends", async () => {
      await house.until("homeassistant/cover/plategate_site_entry/gate/config");
      await house.say(SET, "open");
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
}
