import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import helper = require("node-red-node-test-helper");
import type { Decision } from "../../core/messages";
import { passage } from "../fixtures/access-sample";

const run = promisify(execFile);
const CLI = join(__dirname, "../../cli/plategate.js");
const nodes = [
  require("../../nodes/plategate-store/plategate-store"),
  require("../../nodes/allowlist-check/allowlist-check"),
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
  after(async () => {
    await helper.unload();
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
});
