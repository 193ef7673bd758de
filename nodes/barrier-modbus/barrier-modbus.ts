import type { Node, NodeAPI } from "node-red";
import { createDriver } from "../../adapters/barriers/drivers";
import { modbusOptions, type ModbusFields } from "../../adapters/barriers/modbus-fields";
import { runBarrier, type BarrierNodeDef } from "../shared/barrier-node";

module.exports = function (RED: NodeAPI) {
  RED.nodes.registerType(
    "barrier-modbus",
    function (this: Node, config: BarrierNodeDef & ModbusFields) {
      RED.nodes.createNode(this, config);
      runBarrier(RED, this, config, {
        driver: () => createDriver({ kind: "modbus", options: modbusOptions(config) }),
      });
    },
  );
};
