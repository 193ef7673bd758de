import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installFlows } from "../../cli/app/flows";

interface Node {
  id: string;
  type: string;
  [field: string]: unknown;
}

describe("shipped flows in an installation", () => {
  let folder: string;
  let shipped: string;
  let userDir: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "plategate-flows-"));
    shipped = join(folder, "flows");
    userDir = join(folder, "user");
    mkdirSync(shipped);
    mkdirSync(userDir);
    ship("config.json", [{ id: "c1", type: "plategate-store" }]);
    ship("api-engine.json", [{ id: "a1", type: "tab" }]);
    ship("demo-gate.json", [{ id: "d1", type: "tab", label: "Gate" }]);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const ship = (name: string, nodes: Node[]) =>
    writeFileSync(join(shipped, name), JSON.stringify(nodes));
  const flows = () => JSON.parse(readFileSync(join(userDir, "flows.json"), "utf8")) as Node[];
  const edit = (change: (nodes: Node[]) => Node[]) =>
    writeFileSync(join(userDir, "flows.json"), JSON.stringify(change(flows())));
  const ids = () => flows().map(({ id }) => id);
  const install = (demo = false) => installFlows(shipped, userDir, demo);

  it("installs all, the demo's gate only where it is wanted at the first start", () => {
    assert.deepEqual(install(), []);
    assert.deepEqual(ids(), ["c1", "a1"]);
    install(true);
    assert.deepEqual(ids(), ["c1", "a1"]);
  });

  it("puts the demo's gate first", () => {
    install(true);
    assert.deepEqual(ids(), ["d1", "c1", "a1"]);
  });

  it("adds what a newer version brings, and replaces what nobody has changed", () => {
    install();
    edit((nodes) => [...nodes, { id: "mine", type: "inject" }]);
    ship("api-city.json", [{ id: "b1", type: "tab" }]);
    ship("api-engine.json", [
      { id: "a1", type: "tab" },
      { id: "a2", type: "http in" },
    ]);
    assert.deepEqual(install(), []);
    assert.deepEqual(ids().sort(), ["a1", "a2", "b1", "c1", "mine"]);
  });

  it("takes a node moved on its tab for unchanged", () => {
    install();
    edit((nodes) => nodes.map((node) => ({ ...node, x: 17, y: 4 })));
    ship("api-engine.json", [{ id: "a2", type: "tab" }]);
    assert.deepEqual(install(), []);
    assert.deepEqual(ids().sort(), ["a2", "c1"]);
  });

  it("leaves what somebody changed or deleted, and says which", () => {
    install();
    edit((nodes) => nodes.map((node) => (node.id === "a1" ? { ...node, label: "my API" } : node)));
    ship("api-engine.json", [{ id: "a1", type: "tab", label: "new" }]);
    assert.deepEqual(install(), ["api-engine.json"]);
    assert.equal(flows().find(({ id }) => id === "a1")?.label, "my API");

    edit((nodes) => nodes.filter(({ id }) => id !== "c1"));
    ship("config.json", [{ id: "c1", type: "plategate-store", name: "new" }]);
    assert.deepEqual(install(), ["api-engine.json", "config.json"].sort().reverse());
    assert.ok(!ids().includes("c1"));
  });

  it("does not write when there is nothing new", () => {
    install();
    const inode = () => statSync(join(userDir, "flows.json")).ino; // a write makes a new file
    const before = inode();
    install();
    assert.equal(inode(), before);
  });

  it("refuses shipped files of which two hold the same node", () => {
    ship("api-city.json", [{ id: "c1", type: "tab" }]);
    assert.throws(() => install(), /id of another shipped node/);
  });

  it("leaves flows that were imported by hand before", () => {
    writeFileSync(
      join(userDir, "flows.json"),
      JSON.stringify([{ id: "a1", type: "tab", label: "by hand" }]),
    );
    assert.deepEqual(install(), ["api-engine.json"]);
    assert.deepEqual(ids().sort(), ["a1", "c1"]);
  });
});
