import assert from "node:assert/strict";
import type { NodeAPI } from "node-red";
import helper = require("node-red-node-test-helper");
import { gates } from "../../adapters/access/gates";
import { barriers } from "../../adapters/barriers/registry";
import { planFlows } from "../../nodes/shared/flow-plan";

const load = (type: string) => require(`../../nodes/${type}/${type}`) as (RED: NodeAPI) => void;

describe("what the flows have", function () {
  this.timeout(30_000);
  let runtime: NodeAPI;

  before((done) => void helper.startServer(done));
  after((done) => void helper.stopServer(done));
  afterEach(() => helper.unload());

  it("are the gates that run, and the barriers that have a name", async () => {
    const check = { type: "allowlist-check", store: "", plates: "", wires: [[], [], []] };
    const barrier = { type: "barrier-simulated", wires: [[], []] };
    await helper.load(
      [
        load("allowlist-check"),
        load("barrier-simulated"),
        load("plategate-site"),
        (RED: NodeAPI) => (runtime = RED),
      ],
      [
        { id: "on", type: "tab", label: "on" },
        { id: "off", type: "tab", label: "off", disabled: true },
        { id: "template", type: "subflow", name: "template", in: [], out: [] },
        ...["yard", "depot", "pier", "shop"].map((siteId) => ({
          ...{ id: `s-${siteId}`, type: "plategate-site", siteId, timeZone: "UTC" },
        })),
        { ...check, id: "g1", z: "on", site: "s-yard", laneId: "north" },
        { ...check, id: "g2", z: "on", site: "s-depot", laneId: "south", d: true },
        { ...check, id: "g3", z: "off", site: "s-pier", laneId: "east" },
        { ...check, id: "g4", z: "template", site: "s-shop", laneId: "west" },
        { ...barrier, id: "n1", z: "on", barrierId: "b1", laneId: "north" },
        { ...barrier, id: "n2", z: "on", barrierId: "b2", laneId: "north", d: true },
        { ...barrier, id: "n3", z: "template", barrierId: "b3", laneId: "north" },
      ] as never,
    );
    planFlows(runtime);
    assert.equal(gates.siteOf("north"), "yard");
    for (const lane of ["south", "east", "west", null]) {
      assert.equal(gates.siteOf(lane), "yard", `${lane}: no gate that runs says otherwise`);
    }
    assert.deepEqual(
      barriers.places().toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      [
        { id: "b1", laneId: "north" },
        { id: "b2", laneId: "north" },
      ],
      "one that is disabled keeps its topic",
    );
  });
});
