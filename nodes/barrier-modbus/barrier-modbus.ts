import type { Node, NodeAPI } from "node-red";
import { createDriver, type DriverSpec } from "../../adapters/barriers/drivers";
import { modbusOptions, type ModbusFields } from "../../adapters/barriers/modbus-fields";
import { offerCheck } from "../shared/barrier-check";
import { runBarrier, type BarrierNodeDef } from "../shared/barrier-node";

const specOf = (fields: ModbusFields): DriverSpec => ({
  kind: "modbus",
  options: modbusOptions(fields),
});

module.exports = function (RED: NodeAPI) {
  offerCheck(RED, "barrier-modbus", specOf);
  RED.nodes.registerType(
    "barrier-modbus",
    function (this: Node, config: BarrierNodeDef & ModbusFields) {
      RED.nodes.createNode(this, config);
      runBarrier(RED, this, config, {
        driver: () => createDriver(specOf(config)),
      });
    },
  );
};
