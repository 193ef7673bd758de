import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Node } from "node-red";
import helper = require("node-red-node-test-helper");
import { events as bus } from "../../adapters/events/bus";
import type { EventChange } from "../../core/events/ports";
import type { StoreNode } from "../../nodes/shared/config-nodes";
import type { PlategateMessage } from "../../nodes/shared/kit";
import { aDecision, anOutcome, aPassage } from "../fixtures/events";

const eventStore = require("../../nodes/event-store/event-store") as never;
const plategateStore = require("../../nodes/plategate-store/plategate-store") as never;

describe("event-store", function () {
  this.timeout(60_000);
  let home: string;
  const earlier = process.env["PLATEGATE_HOME"];

  before(() => new Promise<void>((resolve) => helper.startServer(resolve)));
  after(() => new Promise<void>((resolve) => helper.stopServer(resolve)));
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "plategate-node-"));
    process.env["PLATEGATE_HOME"] = home;
  });
  afterEach(async () => {
    await helper.unload();
    if (earlier === undefined) delete process.env["PLATEGATE_HOME"];
    else process.env["PLATEGATE_HOME"] = earlier;
    await rm(home, { recursive: true, force: true });
  });

  async function load(operation = "topic", url = ""): Promise<Node> {
    await helper.load([plategateStore, eventStore], [
      { id: "db", type: "plategate-store", url },
      { id: "n1", type: "event-store", store: "db", operation, wires: [["out"]] },
      { id: "out", type: "helper" },
    ] as never);
    return helper.getNode("n1");
  }

  function send(node: Node, message: object): Promise<PlategateMessage> {
    const out = helper.getNode("out");
    return new Promise((resolve, reject) => {
      out.once("input", (answer) => resolve(answer as PlategateMessage));
      node.once("call:error", (call: { firstArg: Error }) => reject(call.firstArg));
      node.receive(message as never);
    });
  }

  it("stores a passage once, with decision, barrier and pictures, and finds it", async () => {
    const node = await load();
    const changes: string[] = [];
    const listen = ({ change, event }: EventChange) => changes.push(`${change} ${event.id}`);
    bus.on("event", listen);
    const images = { frame: Buffer.from("frame"), crop: Buffer.from("crop") };
    const passage = aPassage("p1", { images });
    const decision = aDecision("p1");
    const first = await send(node, { passage, decision, payload: "kept" });
    assert.equal(first.event?.id, "p1");
    assert.equal(first.event?.frame, "2026/03/02/p1-frame.jpg");
    assert.equal(first.payload, "kept");
    const second = await send(node, { passage, decision, barrier: anOutcome("p1") });
    assert.equal(second.event?.id, "p1");
    await send(node, { barrier: anOutcome("p1", { result: "refused", requestedAt: 9e12 }) });
    bus.off("event", listen);
    assert.deepEqual(changes, ["created p1", "updated p1", "updated p1"]);

    const found = await send(node, { topic: "query", payload: { plateContains: "BC12" } });
    const list = found.payload as { total: number; items: Record<string, unknown>[] };
    assert.equal(list.total, 1);
    assert.equal(list.items[0]?.["timeToOpenMs"], 400);
    assert.equal(list.items[0]?.["decision"], "open");

    const gone = await send(node, { topic: "delete", payload: "p1", purpose: "test" });
    assert.deepEqual(gone.payload, { id: "p1", deleted: true });
    assert.deepEqual(await readdir(join(home, "pictures")), []);
    const none = await send(node, { topic: "get", payload: "p1" });
    assert.equal(none.payload, null);

    const database = await (helper.getNode("db") as StoreNode).database();
    const audit = await database.db.selectFrom("audit_log").selectAll().orderBy("at").execute();
    assert.deepEqual(audit.map((entry) => entry.action).sort(), [
      "event.delete",
      "event.get",
      "event.query",
    ]);
    assert.equal(audit.find((entry) => entry.action === "event.delete")?.purpose, "test");
  });

  it("says what is wrong with a message and a query", async () => {
    const node = await load();
    await assert.rejects(send(node, { payload: 1 }), /neither msg.passage/);
    await assert.rejects(send(node, { topic: "query", payload: { limit: 5000 } }), /limit/);
    await assert.rejects(send(node, { topic: "query", payload: { from: "soon" } }), /from/);
    await assert.rejects(send(node, { topic: "get", payload: {} }), /id/);
  });

  it("lets passages wait while the database is away, and stores them when it is there", async () => {
    // a file where the database's folder should be: the database cannot be opened
    const blocked = join(home, "db");
    await writeFile(blocked, "");
    const node = await load("store", "sqlite:db/events.db");
    const message = await send(node, { passage: aPassage("p1"), decision: aDecision("p1") });
    assert.equal(message.event?.waiting, true);
    const store = await (helper.getNode("db") as StoreNode).store();
    const health = await store.health();
    assert.equal(health.database.status, "unhealthy");
    assert.equal(health.queue.details["waiting"], 1);
    await helper.unload();

    await rm(blocked);
    await load("store", "sqlite:db/events.db");
    const there = await (helper.getNode("db") as StoreNode).store();
    await there.writer.flush();
    const events = await (helper.getNode("db") as StoreNode).events();
    assert.equal((await events.get("p1"))?.decision, "open");
  });

  it("shares one store among config nodes and leaves no thread behind", async () => {
    const threads = () =>
      process.getActiveResourcesInfo().filter((r) => r === "MessagePort").length;
    const before = threads();
    for (let i = 0; i < 5; i++) {
      await helper.load(plategateStore, [
        { id: "a", type: "plategate-store", url: "" },
        { id: "b", type: "plategate-store", url: "" },
      ] as never);
      const [a, b] = [helper.getNode("a") as StoreNode, helper.getNode("b") as StoreNode];
      assert.equal(await a.store(), await b.store());
      await b.events();
      await helper.unload();
    }
    assert.equal(threads(), before);
  });
});
