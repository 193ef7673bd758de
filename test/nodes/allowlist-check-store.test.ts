import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import helper = require("node-red-node-test-helper");
import { events as bus } from "../../adapters/events/bus";
import type { EventChange } from "../../core/events/ports";
import type { Decision } from "../../core/messages";
import type { StoreNode } from "../../nodes/shared/config-nodes";
import { passage } from "../fixtures/access-sample";
import { HttpReceiver } from "../fixtures/receivers";

const run = promisify(execFile);
const CLI = join(__dirname, "../../cli/plategate.js");
const nodes = [
  require("../../nodes/plategate-store/plategate-store"),
  require("../../nodes/allowlist-check/allowlist-check"),
  require("../../nodes/event-store/event-store"),
] as never;

describe("allowlist-check with a database", function () {
  this.timeout(120_000);
  let home = "";
  const homeBefore = process.env["PLATEGATE_HOME"];

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "plategate-gate-"));
    process.env["PLATEGATE_HOME"] = home;
    await new Promise<void>((resolve) => helper.startServer(resolve));
  });
  afterEach(() => helper.unload());
  after(async () => {
    await new Promise<void>((resolve) => helper.stopServer(resolve));
    if (homeBefore === undefined) delete process.env["PLATEGATE_HOME"];
    else process.env["PLATEGATE_HOME"] = homeBefore;
    await rm(home, { recursive: true, force: true });
  });

  it("lets in whom another process has just imported, without a restart", async () => {
    await helper.load(nodes, [
      { id: "store", type: "plategate-store", home },
      { id: "check", type: "allowlist-check", store: "store", wires: [["open"], ["deny"], []] },
      { id: "open", type: "helper" },
      { id: "deny", type: "helper" },
    ] as never);
    const said: Decision[] = [];
    for (const id of ["open", "deny"]) {
      helper.getNode(id).on("input", (message) => {
        said.push((message as unknown as { payload: Decision }).payload);
      });
    }
    let count = 0;
    const ask = async (): Promise<Decision | undefined> => {
      const wanted = said.length + 1;
      const now = passage("AB1234", { id: `p${++count}`, lastSeen: Date.now() });
      helper.getNode("check").receive({ passage: now });
      for (let i = 0; i < 1000 && said.length < wanted; i++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return said.at(-1);
    };
    assert.equal((await ask())?.reason, "unknown_plate");
    const list = join(home, "list.csv");
    await writeFile(list, "plate,owner\nAB 1234,Alice\n");
    const env = { ...process.env, PLATEGATE_HOME: home, DATABASE_URL: "" };
    await run(process.execPath, [CLI, "vehicles", "import", list], { env });
    let last: Decision | undefined;
    for (let i = 0; i < 100 && last?.result !== "open"; i++) {
      last = await ask();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.equal(last?.reason, "allowed");
    assert.equal(last?.vehicle?.owner, "Alice");
  });

  /** A gate whose passages go past it to the record as well, as in the shipped flows. */
  async function loadGate(more: object = {}): Promise<EventChange[]> {
    const said = [["record"], ["record"], ["record"]];
    await helper.load(nodes, [
      { id: "store", type: "plategate-store", home },
      { id: "check", type: "allowlist-check", store: "store", wires: said, ...more },
      { id: "record", type: "event-store", store: "store", wires: [[]] },
    ] as never);
    const changes: EventChange[] = [];
    const listen = (change: EventChange): void => void changes.push(change);
    bus.on("event", listen);
    helper.getNode("store").once("close", () => bus.off("event", listen));
    return changes;
  }

  function receive(order: string[], id: string, more: object = {}): void {
    for (const node of order) {
      const own = passage("ZZ99XYZ", { id, lastSeen: Date.now(), ...more });
      helper.getNode(node).receive({ passage: own });
    }
  }

  async function until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 1000 && !condition(); i++) await new Promise((r) => setTimeout(r, 10));
    assert.ok(condition(), "did not happen in ten seconds");
  }

  const finals = (changes: EventChange[]) => changes.filter(({ becameFinal }) => becameFinal);

  it("makes a refused passage final in the record together with its decision", async () => {
    const changes = await loadGate();
    receive(["check", "record"], "refused-1");
    await until(() => finals(changes).length === 1);
    receive(["record", "check"], "refused-2");
    await until(() => finals(changes).length === 2);
    assert.deepEqual(
      finals(changes).map(({ event }) => [event.id, event.decision, event.reason]),
      ["refused-1", "refused-2"].map((id) => [id, "deny", "unknown_plate"]),
    );
  });

  it("keeps a passage as not final yet while another system is asked", async () => {
    const system = await HttpReceiver.start();
    try {
      const plates = "ZZ99XYZ";
      const changes = await loadGate({ plates, externalUrl: system.url });
      let asked = false;
      system.answer = () => {
        asked = true;
        return { status: 200, body: { has_access: true } };
      };
      const store = await (helper.getNode("store") as unknown as StoreNode).store();
      const answering = system.hold();
      receive(["check", "record"], "asked");
      await until(() => changes.length === 1);
      assert.equal((await (await store.open()).events.get("asked"))?.state, "preliminary");
      answering();
      await until(() => finals(changes).length === 1);
      assert.ok(asked);
      assert.equal(finals(changes)[0]?.event.decision, "open");
    } finally {
      await system.stop();
    }
  });
});
