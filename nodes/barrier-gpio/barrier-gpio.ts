import type { Node, NodeAPI } from "node-red";
import { createDriver, type DriverSpec } from "../../adapters/barriers/drivers";
import { gpioOptions, type GpioFields } from "../../adapters/barriers/gpio-fields";
import { offerCheck } from "../shared/barrier-check";
import { runBarrier, type BarrierNodeDef } from "../shared/barrier-node";

const specOf = (fields: GpioFields): DriverSpec => ({
  kind: "gpio",
  options: gpioOptions(fields),
});

module.exports = function (RED: NodeAPI) {
  offerCheck(RED, "barrier-gpio", specOf);
  RED.nodes.registerType(
    "barrier-gpio",
    function (this: Node, config: BarrierNodeDef & GpioFields) {
      RED.nodes.createNode(this, config);
      runBarrier(RED, this, config, {
        driver: () => createDriver(specOf(config)),
      });
    },
  );
};
