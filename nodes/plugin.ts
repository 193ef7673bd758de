import type { NodeAPI } from "node-red";

/**
 * Registered so that Node-RED finds `icons/` beside this file: the editor looks
 * for icons only next to registered entry files.
 */
module.exports = function (RED: NodeAPI): void {
  RED.plugins.registerPlugin("plategate", { type: "plategate-assets" });
};
