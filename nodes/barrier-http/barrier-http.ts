import type { Node, NodeAPI } from "node-red";
import { createDriver } from "../../adapters/barriers/drivers";
import {
  httpOptions,
  type HttpFields,
  type HttpSecrets,
} from "../../adapters/barriers/http-fields";
import { runBarrier, type BarrierNodeDef } from "../shared/barrier-node";

type HttpBarrierDef = BarrierNodeDef & HttpFields;

module.exports = function (RED: NodeAPI) {
  RED.nodes.registerType<Node<HttpSecrets>, HttpBarrierDef, object, HttpSecrets>(
    "barrier-http",
    function (config) {
      RED.nodes.createNode(this, config);
      runBarrier(RED, this, config, {
        driver: () =>
          createDriver({ kind: "http", options: httpOptions(config, this.credentials) }),
      });
    },
    {
      credentials: {
        user: { type: "text" },
        password: { type: "password" },
        token: { type: "password" },
      },
    },
  );
};
