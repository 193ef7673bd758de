import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = process.cwd();

interface FlowNode {
  id: string;
  type: string;
  z?: string;
  x?: number;
  wires?: string[][];
}

function flowFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".json"));
}

describe("the shipped flows", () => {
  it("are those that `npm run flows` makes from the code", async () => {
    const script = pathToFileURL(join(ROOT, "scripts", "flows.mjs")).href;
    const { allFlows } = (await import(script)) as { allFlows: () => Record<string, string> };
    const made = allFlows();
    assert.deepEqual(flowFiles("flows").sort(), Object.keys(made).sort());
    for (const [name, text] of Object.entries(made)) {
      assert.equal(
        readFileSync(join(ROOT, "flows", name), "utf8"),
        text,
        `${name}: run npm run flows`,
      );
    }
  });

  for (const folder of ["flows", "examples"]) {
    for (const name of flowFiles(folder)) {
      it(`${folder}/${name}: ids of 16 digits, wires that end somewhere, nodes with a place`, () => {
        const nodes = JSON.parse(readFileSync(join(ROOT, folder, name), "utf8")) as FlowNode[];
        const ids = new Set(nodes.map(({ id }) => id));
        assert.equal(ids.size, nodes.length, "an id stands twice");
        for (const node of nodes) {
          assert.match(node.id, /^[0-9a-f]{16}$/, node.type);
          if (node.z) assert.equal(typeof node.x, "number", `${node.type} has no place`);
          for (const target of (node.wires ?? []).flat())
            assert.ok(ids.has(target), `${node.type} is wired to nothing`);
        }
      });
    }
  }

  it("wire no function node: rules live in the code", () => {
    for (const name of flowFiles("flows")) {
      const nodes = JSON.parse(readFileSync(join(ROOT, "flows", name), "utf8")) as FlowNode[];
      assert.ok(!nodes.some(({ type }) => type === "function"), name);
    }
  });
});
