import assert from "node:assert/strict";
import { MqttConnection } from "../../adapters/mqtt/connection";
import { MqttSession } from "../../adapters/mqtt/session";
import { waitFor } from "../fixtures/application";
import { ownCertificates } from "../fixtures/certificates";
import { Line } from "../fixtures/line";
import { GatewayKit, HERE } from "../fixtures/mqtt-gateway-kit";
import { freePort } from "../fixtures/mqtt-kit";
import { Broker } from "../fixtures/receivers";

describe("MQTT gateway and its broker", function () {
  this.timeout(60_000);
  let kit: GatewayKit;

  before(async () => {
    kit = await GatewayKit.open();
  });
  beforeEach(() => {
    kit.barrier();
  });
  afterEach(() => kit.reset());
  after(() => kit.close());

  it("loses no read while it is cut off, which the last will tells", async () => {
    const { port } = await kit.broker();
    const house = await kit.listener(`mqtt://127.0.0.1:${port}`);
    const line = new Line(`mqtt://127.0.0.1:${port}`);
    kit.closers.push(() => line.down());
    await kit.gateway(await line.up());
    await house.until(`${HERE}/availability`, ({ payload }) => payload === "online");
    await line.down();
    await house.until(`${HERE}/availability`, ({ payload }) => payload === "offline");
    for (let i = 0; i < 20; i++) await kit.save(`cut-${i}`, {});
    await line.up();
    await house.until(`${HERE}/entry/read`, ({ payload }) => payload.includes('"cut-19"'));
    const ids = house.jsonOn(`${HERE}/entry/read`).map((one) => one["event_id"]);
    assert.deepEqual(
      ids,
      [...Array(20).keys()].map((i) => `cut-${i}`),
    );
  });

  it("leaves no client behind that nobody can end, however often a broker was away", async () => {
    const timers = () =>
      process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = timers();
    const connection = new MqttConnection({ url: `mqtt://127.0.0.1:${await freePort()}` });
    for (let i = 0; i < 5; i++) {
      const { result } = await connection.publish("x", "y", { qos: 1 });
      assert.equal(result, "unavailable");
    }
    await connection.close();
    assert.ok(timers() <= before, `${timers()} timers, ${before} before`);
  });

  it("goes on where the broker refuses one of its subscriptions, and says which", async () => {
    const broker = await Broker.start({ refused: ["homeassistant/status"] });
    kit.closers.push(() => broker.stop());
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const house = await kit.listener(url);
    const said: string[] = [];
    let up = 0;
    const topics = ["homeassistant/status", "gate/in"];
    const session = new MqttSession({ url }, topics, {
      up: () => void (up += 1),
      down: (reason) => assert.fail(reason),
      refused: (topic) => said.push(topic),
      message: ({ topic }) => said.push(`heard ${topic}`),
    });
    kit.closers.push(() => session.close());
    await waitFor(
      () => said[0],
      20_000,
      () => "the refusal",
    );
    assert.equal(up, 1);
    await house.say("gate/in", "x");
    await waitFor(
      () => said[1],
      20_000,
      () => "what it may hear",
    );
    assert.deepEqual(said, ["homeassistant/status", "heard gate/in"]);
  });

  it("tells a broker that has lost its memory what it must keep", async () => {
    const first = await kit.broker();
    const url = `mqtt://127.0.0.1:${first.port}`;
    const { states } = await kit.gateway(url);
    await waitFor(
      () => states.includes("up") || undefined,
      20_000,
      () => "a connection",
    );
    await first.stop();
    await waitFor(
      () => states.at(-1) !== "up" || undefined,
      20_000,
      () => "the loss",
    );
    await kit.broker({ port: first.port });
    const house = await kit.listener(url);
    for (const topic of ["availability", "entry/availability", "entry/barrier/state"]) {
      await house.until(`${HERE}/${topic}`, ({ payload }) => payload !== "offline");
    }
    await house.until("homeassistant/cover/plategate_yard_entry/gate/config");
  });

  it("speaks TLS to a broker with a login; a certificate of nobody's is not taken", async () => {
    const { ca, server } = await ownCertificates();
    const { port } = await kit.broker({ tls: server, users: { gate: "s3cret" } });
    const url = `mqtts://localhost:${port}`;
    const login = { username: "gate", password: "s3cret" };
    const { states: stranger } = await kit.gateway(url, "off", { address: { url, ...login } });
    await waitFor(
      () => stranger[0],
      20_000,
      () => "a refusal",
    );
    assert.match(stranger[0] ?? "", /certificate|self.signed|unable/i);
    await kit.closers.pop()?.();
    const { states } = await kit.gateway(url, "off", { address: { url, ...login, ca } });
    await waitFor(
      () => states.includes("up") || undefined,
      20_000,
      () => states.join(),
    );
    const house = await kit.listener(url, { ...login, ca });
    await house.until(`${HERE}/availability`, ({ payload }) => payload === "online");
    const wrong = await kit.gateway(url, "off", {
      address: { url, username: "gate", password: "guess", ca },
    });
    await waitFor(
      () => wrong.states[0],
      20_000,
      () => "a refused login",
    );
    assert.match(wrong.states[0] ?? "", /not authori[sz]ed|Connection refused|Bad user/i);
  });
});
