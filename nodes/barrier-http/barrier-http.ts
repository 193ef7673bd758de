import type { Node, NodeAPI } from "node-red";
import { createDriver, type DriverSpec } from "../../adapters/barriers/drivers";
import {
  httpOptions,
  type HttpFields,
  type HttpSecrets,
} from "../../adapters/barriers/http-fields";
import { offerCheck } from "../shared/barrier-check";
import { runBarrier, type BarrierNodeDef } from "../shared/barrier-node";

type HttpBarrierDef = BarrierNodeDef & HttpFields;

const specOf = (fields: HttpFields, secrets: HttpSecrets): DriverSpec => ({
  kind: "http",
  // of reference 1: a flow that the environment's variables make holds no credentials
  options: httpOptions(fields, { token: process.env.BARRIER_HTTP_API_KEY ?? "", ...secrets }),
});

module.exports = function (RED: NodeAPI) {
  offerCheck(RED, "barrier-http", specOf);
  RED.nodes.registerType<Node<HttpSecrets>, HttpBarrierDef, object, HttpSecrets>(
    "barrier-http",
    function (config) {
      RED.nodes.createNode(this, config);
      runBarrier(RED, this, config, {
        driver: () => createDriver(specOf(config, this.credentials)),
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
