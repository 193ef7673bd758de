import type { Node, NodeAPI } from "node-red";
import { SimulatedDriver } from "../../adapters/barriers/simulated-driver";
import { DEFAULT_CONFIG } from "../../core/barrier/machine-types";
import { runBarrier, type BarrierNodeDef } from "../shared/barrier-node";
import { numberField, type PlategateMessage } from "../shared/kit";

const SENSORS = ["loop", "photocell", "fault"] as const;

interface SimulatedMessage extends PlategateMessage {
  /** Puts something on the loop or into the light beam: `{loop: true}`. */
  sensors?: Partial<Record<(typeof SENSORS)[number], unknown>>;
}

module.exports = function (RED: NodeAPI) {
  RED.nodes.registerType("barrier-simulated", function (this: Node, config: BarrierNodeDef) {
    RED.nodes.createNode(this, config);
    let driver: SimulatedDriver | null = null;
    runBarrier(RED, this, config, {
      driver: () => {
        driver = new SimulatedDriver({
          openingMs: numberField(config.openingMs, DEFAULT_CONFIG.openingMs),
          openMs: numberField(config.openMs, DEFAULT_CONFIG.openMs),
          closingMs: numberField(config.closingMs, DEFAULT_CONFIG.closingMs),
          inputs: ["opened", "closed", "loop", "photocell", "fault"],
        });
        return driver;
      },
      other: (message) => {
        const { sensors } = message as SimulatedMessage;
        if (!sensors || message.decision || message.command) return false;
        for (const name of SENSORS) {
          if (typeof sensors[name] === "boolean") driver?.set(name, sensors[name]);
        }
        return true;
      },
    });
  });
};
