import assert from "node:assert/strict";
import helper = require("node-red-node-test-helper");
import type { Passage, WatchHit } from "../../core/messages";
import { TestRepository } from "../fixtures/access-repository";
import { arriving, lists, watchEntry } from "../fixtures/access-sample";
import { storeNode, until } from "../fixtures/store-node";

const watchlistCheck = require("../../nodes/watchlist-check/watchlist-check") as never;

let repository: TestRepository;
const store = storeNode(() => repository);

describe("watchlist-check", () => {
  before(() => new Promise<void>((resolve) => helper.startServer(resolve)));
  after(() => new Promise<void>((resolve) => helper.stopServer(resolve)));
  afterEach(() => helper.unload());

  it("lets all passages through and tells each hit once", async () => {
    repository = new TestRepository(lists({ watch: [watchEntry("XY12?", { id: "w1" })] }));
    await helper.load([store, watchlistCheck], [
      { id: "store", type: "plategate-store" },
      {
        id: "check",
        type: "watchlist-check",
        store: "store",
        patterns: "! AB* # stolen\n#nothing",
        wires: [["all"], ["hits"]],
      },
      { id: "all", type: "helper" },
      { id: "hits", type: "helper" },
    ] as never);
    await until(() => repository.reads > 0 && repository.listening > 0, "lists read");
    const all: string[] = [];
    const hits: WatchHit[][] = [];
    helper.getNode("all").on("input", (message) => {
      all.push((message as unknown as { passage: Passage }).passage.text);
    });
    helper.getNode("hits").on("input", (message) => {
      hits.push((message as unknown as { payload: WatchHit[] }).payload);
    });
    const node = helper.getNode("check");
    node.receive({ passage: arriving("A8123", { id: "1", state: "preliminary" }) });
    node.receive({ passage: arriving("A8123", { id: "1" }) });
    node.receive({ passage: arriving("XYI2Z", { id: "2" }) });
    node.receive({ passage: arriving("XY12", { id: "3" }) });
    node.receive({ passage: arriving("AB1", { id: "4", confidence: 0.2 }) });
    await until(() => all.length === 5 && hits.length >= 2, "passages and hits");
    assert.deepEqual(all, ["A8123", "A8123", "XYI2Z", "XY12", "AB1"]);
    assert.deepEqual(
      hits.map((some) =>
        some.map((hit) => [hit.pattern, hit.priority, hit.description, hit.plate]),
      ),
      [[["AB*", "high", "stolen", "A8123"]], [["XY12?", "normal", null, "XYI2Z"]]],
    );
  });
});
