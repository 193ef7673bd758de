import type { Node, NodeAPI, NodeDef } from "node-red";
import { authorize } from "../../api/auth/guard";
import type { Access } from "../../api/auth/permissions";
import { isOpen } from "../../api/catalogue";
import { ApiError } from "../../api/errors";
import { fillFailure, requestOf, responseOf } from "../shared/api-message";
import { requireConfig, type ApiNode } from "../shared/config-nodes";
import { NodeStatus, onInput } from "../shared/kit";

interface GuardConfig extends NodeDef {
  api: string;
  permission: Access;
  /** The dialect, for those that PLATEGATE_PUBLIC_DIALECTS may open. */
  dialect: string;
}

/**
 * Lets a request of an http-in node through to the first output when its caller
 * may, else sends the refusal to the second.
 */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("api-guard", function (this: Node, config: GuardConfig) {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(RED, this);
    let refused = 0;
    onInput(this, async (message, send) => {
      try {
        const api = requireConfig<ApiNode>(RED, config.api, "API configuration");
        const services = await api.services();
        const request = requestOf(message);
        const permission = config.permission || "system";
        const open = isOpen(services, { dialect: config.dialect, permission }, request);
        try {
          const caller = await authorize(services.auth, request, permission, open);
          await services.rates.take(request, responseOf(message), config.dialect, caller);
        } catch (error) {
          if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
            // Refusals count as well: keys and tokens are not to be guessed at any speed.
            await services.rates.take(request, responseOf(message), config.dialect, null);
          }
          throw error;
        }
        send([message, null]);
      } catch (error) {
        refused += 1;
        status.warn("refused", { count: refused });
        fillFailure(message, error, this);
        send([null, message]);
      }
    });
  });
};
