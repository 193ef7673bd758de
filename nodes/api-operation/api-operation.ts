import type { Node, NodeAPI, NodeDef } from "node-red";
import { requireRight } from "../../api/auth/guard";
import { dialectOf, isOpen, operations } from "../../api/catalogue";
import { requestId } from "../../api/http/request";
import { runOperation } from "../../api/http/run";
import { fillFailure, fillReply, requestOf, type HttpMessage } from "../shared/api-message";
import { requireConfig, type ApiNode } from "../shared/config-nodes";
import { onInput } from "../shared/kit";

interface OperationConfig extends NodeDef {
  api: string;
  operation: string;
}

/** Does one thing of the API with a request that a guard has let through. */
module.exports = function (RED: NodeAPI): void {
  RED.httpAdmin.get(
    "/plategate/operations",
    RED.auth.needsPermission("flows.read"),
    (_request, response) => {
      response.json(
        [...operations.values()].map(({ id, method, path, permission, summary }) => ({
          id,
          method,
          path,
          permission,
          summary,
        })),
      );
    },
  );

  RED.nodes.registerType("api-operation", function (this: Node, config: OperationConfig) {
    RED.nodes.createNode(this, config);
    const operation = operations.get(config.operation);
    if (!operation) {
      this.status({ fill: "red", shape: "ring", text: "api-operation.status.unknown" });
    }
    onInput(this, async (message: HttpMessage, send) => {
      try {
        if (!operation) throw new Error(`there is no operation "${config.operation}"`);
        const request = requestOf(message);
        const services = await requireConfig<ApiNode>(
          RED,
          config.api,
          "API configuration",
        ).services();
        const { permission } = operation;
        const open = isOpen(services, { dialect: dialectOf(operation), permission }, request);
        const principal = requireRight(request, permission, open);
        const body: unknown = request.body;
        fillReply(
          message,
          await runOperation(operation, {
            request,
            body,
            principal,
            requestId: requestId(request),
            services,
          }),
        );
      } catch (error) {
        fillFailure(message, error, this);
      }
      send(message);
    });
  });
};
