import assert from "node:assert/strict";
import type { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import helper = require("node-red-node-test-helper");
import { KeptLocks } from "../../adapters/barriers/kept-locks";
import { barriers } from "../../adapters/barriers/registry";
import { issueGrant } from "../../adapters/grants/grants";
import type { BarrierAudit } from "../../core/barrier/ports";
import type { BarrierOutcome } from "../../core/messages";
import { decisionFor, outcomesOf, until } from "../fixtures/barrier-kit";
import { FakeGpiod } from "../fixtures/fake-gpiod";
import { ModbusBoard } from "../fixtures/modbus-board";
import { temporaryHome } from "../fixtures/temporary-home";

const NODES = ["gpio", "modbus", "simulated"].map(
  (kind) => require(`../../nodes/barrier-${kind}/barrier-${kind}`) as never,
);

interface ExampleNode {
  id: string;
  type: string;
  [field: string]: unknown;
}

/** The node of the example that the editor offers, wired to helper nodes. */
function example(type: string, extra: Record<string, unknown> = {}): ExampleNode[] {
  const file = join(process.cwd(), "examples", `${type}.json`);
  const nodes = JSON.parse(readFileSync(file, "utf8")) as ExampleNode[];
  const node = nodes.find((one) => one.type === type);
  assert.ok(node);
  const wired = { ...node, barrierId: "gate", trustMessages: false, ...extra };
  return [
    { ...wired, id: "b1", wires: [["out"], ["states"]] },
    { id: "out", type: "helper" },
    { id: "states", type: "helper" },
  ];
}

/** Collects what a node reports by node.error(). */
function errorsOf(node: unknown): string[] {
  const found: string[] = [];
  const spied = node as {
    on(event: "call:error", listener: (call: { firstArg: unknown }) => void): void;
  };
  spied.on("call:error", (call) => found.push(String(call.firstArg)));
  return found;
}

async function openOnce(flow: ExampleNode[]): Promise<BarrierOutcome | undefined> {
  await helper.load(NODES, flow);
  const outcomes = outcomesOf(helper.getNode("out"));
  helper.getNode("b1").receive({ decision: decisionFor("p1") });
  await until(() => outcomes.length === 1);
  return outcomes[0];
}

describe("the other barrier nodes", () => {
  const home = temporaryHome();

  before(() => new Promise<void>((resolve) => helper.startServer(resolve)));
  after(() => new Promise<void>((resolve) => helper.stopServer(resolve)));
  afterEach(() => helper.unload());

  it("barrier-modbus opens a board over TCP", async () => {
    const board = new ModbusBoard();
    const port = await board.listen();
    try {
      const outcome = await openOnce(example("barrier-modbus", { host: "127.0.0.1", port }));
      assert.equal(outcome?.result, "done", outcome?.reason ?? "");
      assert.equal(board.coils[0], true);
      await until(() => board.coils[0] === false);
    } finally {
      await helper.unload();
      await board.stop();
    }
  });

  it("barrier-gpio opens a line", async () => {
    const tools = new FakeGpiod("2.1");
    try {
      const outcome = await openOnce(example("barrier-gpio", { pulseMs: 2_000 }));
      assert.equal(outcome?.result, "done", outcome?.reason ?? "");
      assert.equal(tools.level(17), 1);
      await helper.unload();
      assert.equal(tools.level(17), 0, "closing the node drops the line in mid-pulse");
    } finally {
      tools.remove();
    }
  });

  it("barrier-simulated plays a whole passage, and a vehicle under the boom", async () => {
    const times = { openingMs: 100, openMs: 600, closingMs: 100 };
    await helper.load(NODES, example("barrier-simulated", times));
    const node = helper.getNode("b1");
    const outcomes = outcomesOf(helper.getNode("out"));
    const states: unknown[] = outcomesOf(helper.getNode("states"));
    await until(() => barriers.get("gate")?.state() === "closed");
    node.receive({ sensors: { loop: true } });
    node.receive({ decision: decisionFor("p1") });
    await until(() => states.includes("open"));
    node.receive({ command: { action: "close", reason: "", actor: "x" } });
    await until(() => outcomes.length === 2);
    assert.equal(outcomes[1]?.result, "refused");
    assert.equal(outcomes[1]?.reason, "no grant");
    node.receive({ sensors: { loop: false } });
    await until(() => states.at(-1) === "closed");
    assert.ok(states.includes("closing"));
  });

  it("opens for the decisions of its own lane alone", async () => {
    await helper.load(NODES, example("barrier-simulated", { laneId: "exit" }));
    const node = helper.getNode("b1");
    const outcomes = outcomesOf(helper.getNode("out"));
    await until(() => barriers.get("gate")?.state() === "closed");
    node.receive({ decision: decisionFor("p1", { laneId: "entry" }) });
    await until(() => outcomes.length === 1);
    // Not "refused": that would take back what the entry's gate wrote down.
    assert.deepEqual([outcomes[0]?.result, outcomes[0]?.reason], ["ignored", "other_lane"]);
    assert.equal(barriers.get("gate")?.state(), "closed");
    for (const [n, laneId] of ["exit", null].entries()) {
      node.receive({ decision: decisionFor(`q${n}`, { laneId }) });
      await until(() => outcomes.length === n + 2);
      assert.equal(outcomes[n + 1]?.result, "done", String(laneId));
    }
  });

  it("says what is wrong with its settings, and answers every message with it", async () => {
    await helper.load(NODES, example("barrier-gpio", { pin: "900" }));
    const node = helper.getNode("b1");
    const errors = errorsOf(node);
    node.receive({ decision: decisionFor("p1") });
    await until(() => errors.some((text) => /open line must be/.test(text)));
    assert.equal(barriers.get("gate"), undefined);
  });

  it("refuses messages that are no decision and no command", async () => {
    await helper.load(NODES, example("barrier-simulated"));
    const node = helper.getNode("b1");
    const errors = errorsOf(node);
    node.receive({ payload: "open" });
    node.receive({ command: { action: "explode" } });
    node.receive({ decision: { result: "open" } });
    await until(() => errors.length === 3);
    assert.equal(barriers.get("gate")?.state(), "closed");
  });

  it("stays locked over a redeploy until it is unlocked", async () => {
    const command = async (action: "lock" | "unlock"): Promise<BarrierOutcome | undefined> => {
      const grant = issueGrant({ action, subject: "gate", actor: "ann" });
      return barriers.get("gate")?.command({ action, actor: "ann", reason: "night", grant });
    };
    const audit: BarrierAudit[] = [];
    const hear = (entry: BarrierAudit): unknown => audit.push(entry);
    barriers.on("audit", hear);
    try {
      await helper.load(NODES, example("barrier-simulated"));
      assert.equal((await command("lock"))?.result, "done");
      await helper.unload();
      audit.length = 0;
      const read = await openOnce(example("barrier-simulated"));
      assert.deepEqual([read?.result, read?.reason], ["refused", "locked"]);
      const entry = audit.find(({ outcome }) => outcome?.command === "lock");
      assert.deepEqual([entry?.actor, entry?.detail], ["system", "was locked before the restart"]);
      assert.equal(
        new KeptLocks(home.path).why("gate"),
        entry?.detail,
        "another process knows it too",
      );
      assert.equal((await command("unlock"))?.result, "done");
      await helper.unload();
      assert.equal((await openOnce(example("barrier-simulated")))?.result, "done");
      assert.equal(new KeptLocks(home.path).why("gate"), null);
    } finally {
      barriers.off("audit", hear);
    }
  });

  it("says in its status why the device fails, and warns of each reason once", async () => {
    const board = new ModbusBoard();
    const port = await board.listen();
    await board.stop(); // a port that nobody listens on
    const statuses: { text?: string }[] = [];
    const warnings: string[] = [];
    const hear = (event: string, found: (call: { firstArg: unknown }) => void): void => {
      (helper.getNode("b1") as unknown as EventEmitter).on(event, found);
    };
    await helper.load(NODES, example("barrier-modbus", { host: "127.0.0.1", port, retries: 0 }));
    hear("call:status", ({ firstArg }) => statuses.push(firstArg as { text?: string }));
    hear("call:warn", ({ firstArg }) => warnings.push(String(firstArg)));
    const outcomes = outcomesOf(helper.getNode("out"));
    for (const passage of ["p1", "p2"])
      helper.getNode("b1").receive({ decision: decisionFor(passage) });
    await until(() => outcomes.length === 2 && warnings.length > 0);
    assert.deepEqual(warnings, [...new Set(warnings)]);
    const reason = barriers.get("gate")?.status().trouble ?? "";
    assert.ok(warnings.includes(reason), `${reason} among ${warnings.join(" | ")}`);
    assert.equal(statuses.at(-1)?.text, "barrier-modbus.status.unreachable");
  });

  it("leaves nothing behind after twenty redeploys", async () => {
    const before = barriers.listenerCount("change"); // the program's own, which stay
    for (let n = 0; n < 20; n += 1) {
      await helper.load(NODES, example("barrier-simulated"));
      assert.equal(barriers.list().length, 1);
      await helper.unload();
    }
    assert.equal(barriers.list().length, 0);
    assert.equal(barriers.listenerCount("change"), before);
  });
});
