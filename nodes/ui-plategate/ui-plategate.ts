import type { Node, NodeAPI, NodeDef } from "node-red";
import { news, type Topic } from "../../adapters/news/news";
import { NodeStatus, onClose } from "../shared/kit";

interface WidgetConfig extends NodeDef {
  group: string;
  /** Name of the page that it shows (dashboard/src/app/pages.ts). */
  view: string;
}

/** Where Dashboard 2 finds a widget's script. */
interface Contribution {
  package: string;
  name: string;
  src: string;
  component: string;
}

/** What of Dashboard 2's nodes is used here. */
interface DashboardBase extends Node {
  emit(event: string, message: object, node?: Node): boolean;
  uiShared?: { contribs: Record<string, Contribution> } | null;
}
interface DashboardGroup extends Node {
  getBase(): DashboardBase;
  register(node: Node, config: WidgetConfig, events: object): void;
}

const TYPE = "ui-plategate";
const CONTRIBUTION: Contribution = {
  package: "@plategate/node-red",
  name: TYPE,
  src: "dashboard/plategate.js",
  component: "UIPlategate",
};

/** Widgets on the same dashboard: one of them passes the news on, for all. */
const speakers = new Map<DashboardGroup, Node>();

news.on("news", (topics: Topic[]) => {
  const told = new Set<DashboardBase>();
  for (const [group, node] of speakers) {
    const base = group.getBase();
    if (told.has(base)) continue;
    told.add(base);
    base.emit("plategate:news", { topics }, node);
  }
});

/** A page of Plategate on Dashboard 2. It takes no messages and sends none: it works with the API. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType(TYPE, function (this: Node, config: WidgetConfig) {
    RED.nodes.createNode(this, config);
    const group = RED.nodes.getNode(config.group) as DashboardGroup | null;
    if (!group?.register) {
      new NodeStatus(RED, this).error("no_group");
      return;
    }
    // Dashboard 2 looks for widgets in packages named "node-red-dashboard-2-…" only.
    const { uiShared } = group.getBase();
    if (uiShared) uiShared.contribs[TYPE] = CONTRIBUTION;
    // onInput: messages end here and are not kept for replay to other viewers.
    group.register(this, config, { onInput: () => undefined });
    speakers.set(group, this);
    onClose(this, () => {
      if (speakers.get(group) === this) speakers.delete(group);
    });
  });
};
