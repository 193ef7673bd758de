import assert from "node:assert/strict";
import { COMMAND_MAX_AGE_MS } from "../../core/mqtt/command";
import { Topics } from "../../core/mqtt/topics";
import { MqttCommands, type CommandReply } from "../../api/mqtt/commands";
import { GatewayKit } from "../fixtures/mqtt-gateway-kit";

describe("commands by MQTT", () => {
  let kit: GatewayKit;
  let now: number;
  /** Keys that were looked at. */
  let looked: number;
  let replies: CommandReply[];

  before(async () => {
    kit = await GatewayKit.open();
  });
  beforeEach(() => {
    [now, looked, replies] = [Date.now(), 0, []];
  });
  afterEach(() => kit.reset());
  after(() => kit.close());

  /** @param checking what happens while a key is looked at */
  function commands(checking: () => Promise<void> = () => Promise.resolve()): MqttCommands {
    return new MqttCommands({
      barriers: kit.registry,
      topics: new Topics("plategate", "yard"),
      ...{ mode: "key", actor: "mqtt:test", clock: () => now, log: () => undefined },
      auth: {
        authenticate: async (credentials) => {
          looked += 1;
          await checking();
          return kit.auth.authenticate(credentials);
        },
        audit: (line) => kit.auth.audit(line),
      },
    });
  }
  const send = (to: MqttCommands, lane: string, key: string): Promise<void> =>
    to.take(
      {
        topic: `plategate/yard/${lane}/barrier/set`,
        payload: Buffer.from(JSON.stringify({ action: "open", key })),
        retained: false,
      },
      (_lane, reply) => void replies.push(reply),
    );

  it("of lanes that nobody has are refused so often, whatever they are called", async () => {
    kit.barrier();
    const desk = commands();
    for (let i = 0; i < 100; i++) await send(desk, `made-up-${i}`, "pg_wrong");
    assert.deepEqual([replies.length, looked], [20, 20]);
    const { audit } = await kit.store.open();
    const { total } = await audit.list({ action: "barrier.open" }, { skip: 0, limit: 1 });
    assert.equal(total, 20);
    await send(desk, "entry", "pg_wrong");
    assert.equal(replies.length, 21, "other lanes are heard all the same");
  });

  it("are refused where to check them took too long", async () => {
    const entry = kit.barrier();
    const key = await kit.key("control");
    const slow = commands(() => {
      now += COMMAND_MAX_AGE_MS + 1;
      return Promise.resolve();
    });
    await send(slow, "entry", key);
    assert.match(String(replies[0]?.reason), /too old/);
    assert.equal(entry.state(), "closed");
  });

  it("are not checked without end at the same time", async () => {
    kit.barrier();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const desk = commands(() => held);
    const all = Array.from({ length: 25 }, () => send(desk, "entry", "pg_wrong"));
    assert.equal(looked, 20);
    release();
    await Promise.all(all);
    assert.match(String(replies[0]?.reason), /at the same time/);
  });
});
