import type { NodeAPI } from "node-red";
import { planFlows } from "./shared/flow-plan";

/**
 * Registered so that Node-RED finds `icons/` beside this file: the editor looks
 * for icons only next to registered entry files. After each deployment the registries
 * hear what the flows have now, also where the last gate or barrier was taken away.
 */
module.exports = function (RED: NodeAPI): void {
  RED.plugins.registerPlugin("plategate", { type: "plategate-assets" });
  RED.events.on("flows:started", () => planFlows(RED));
};
