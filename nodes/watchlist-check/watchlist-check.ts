import type { Node, NodeAPI, NodeDef } from "node-red";
import type { ListKeeper } from "../../adapters/access/list-keeper";
import { parseInlineWatch } from "../../core/access/inline-list";
import { HitLedger, hitsOf } from "../../core/access/watch";
import { listKeeper } from "../shared/access-config";
import { asError, NodeStatus, numberField, onClose, onInput } from "../shared/kit";

interface WatchConfig extends NodeDef {
  store: string;
  patterns: string;
  minConfidence: string | number;
  graceSeconds: string | number;
}

/** Compares passages with the watch list: all go on at the first output, hits come out of the second. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("watchlist-check", function (this: Node, config: WatchConfig) {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(RED, this);
    const ledger = new HitLedger();
    const rules = { minConfidence: numberField(config.minConfidence, 0.5) };
    let keeper: ListKeeper | Error;
    try {
      keeper = openLists(RED, this, config, status);
      void keeper.start();
    } catch (error) {
      keeper = asError(error);
      status.error("misconfigured");
      this.error(keeper);
    }

    onInput(this, (message, send) => {
      if (keeper instanceof Error) throw keeper;
      const { passage } = message;
      if (!passage) throw new Error("no msg.passage: connect plate-track before watchlist-check");
      const lists = keeper.current();
      if (!lists) {
        send([message, null]);
        throw new Error("the watch list cannot be read: the passage was not compared with it");
      }
      const hits = ledger.fresh(hitsOf(passage, lists, rules, Date.now()));
      if (hits.length === 0) {
        send([message, null]);
        return;
      }
      status.warn("hit", { plate: hits[0]?.plate ?? "" });
      const found = RED.util.cloneMessage(message);
      found.watchHits = hits;
      found.payload = hits;
      send([message, found]);
    });

    onClose(this, async () => {
      if (!(keeper instanceof Error)) await keeper.close();
    });
  });
};

function openLists(RED: NodeAPI, node: Node, config: WatchConfig, status: NodeStatus): ListKeeper {
  const { entries, problems } = parseInlineWatch(config.patterns ?? "");
  for (const { line, text } of problems) {
    node.warn(RED._("watchlist-check.error.pattern", { line: String(line), text }));
  }
  const graceSeconds = numberField(config.graceSeconds, 3600);
  const keeper = listKeeper(
    RED,
    { store: config.store, graceSeconds },
    { vehicles: [], watch: entries },
    {
      onChange: () => {
        const watched = keeper.current()?.watch.filter((entry) => entry.list === "watch") ?? [];
        status.ok("watching", { count: watched.length });
      },
      onError: (error, news) => {
        status.error(keeper.current() ? "oldLists" : "noLists");
        if (news) node.warn(RED._("watchlist-check.error.store", { reason: error.message }));
      },
    },
  );
  return keeper;
}
