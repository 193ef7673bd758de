import type { Node, NodeAPI } from "node-red";
import { createDriver } from "../../adapters/barriers/drivers";
import { gpioOptions, type GpioFields } from "../../adapters/barriers/gpio-fields";
import { runBarrier, type BarrierNodeDef } from "../shared/barrier-node";

module.exports = function (RED: NodeAPI) {
  RED.nodes.registerType(
    "barrier-gpio",
    function (this: Node, config: BarrierNodeDef & GpioFields) {
      RED.nodes.createNode(this, config);
      runBarrier(RED, this, config, {
        driver: () => createDriver({ kind: "gpio", options: gpioOptions(config) }),
      });
    },
  );
};
