import type { NodeAPI, NodeDef } from "node-red";
import type { SiteNode } from "../shared/config-nodes";

interface SiteConfig extends NodeDef {
  siteId: string;
  timeZone: string;
}

/** The place that lanes belong to: its id, its name and its time zone. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("plategate-site", function (this: SiteNode, config: SiteConfig) {
    RED.nodes.createNode(this, config);
    this.siteId = config.siteId || this.id;
    this.siteName = config.name || this.siteId;
    this.timeZone = config.timeZone || Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!isTimeZone(this.timeZone)) {
      this.error(RED._("plategate-site.error.timeZone", { zone: this.timeZone }));
      this.timeZone = "UTC";
    }
  });
};

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
