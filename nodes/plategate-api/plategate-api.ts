import type { NodeAPI, NodeDef } from "node-red";
import { assembleServices } from "../../api/assemble";
import { cameraRegistry } from "../../adapters/config/camera-registry";
import type { ApiServices } from "../../api/services";
import { asError, onClose } from "../shared/kit";
import {
  requireConfig,
  type ApiNode,
  type ModelsNode,
  type StoreNode,
} from "../shared/config-nodes";

interface ApiConfig extends NodeDef {
  store: string;
  models: string;
}

/** What the API's nodes share: the store, the models, who may call. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("plategate-api", function (this: ApiNode, config: ApiConfig) {
    RED.nodes.createNode(this, config);
    let assembled: Promise<ApiServices> | null = null;
    let unfollow: (() => void) | null = null;
    onClose(this, () => unfollow?.());
    this.services = () => {
      assembled ??= Promise.resolve().then(() => {
        const store = requireConfig<StoreNode>(RED, config.store, "store");
        const models = requireConfig<ModelsNode>(RED, config.models, "models");
        // the zones of the API count for the cameras of flows too
        unfollow ??= cameraRegistry.follow(
          store,
          async () => (await (await store.store()).open()).resources,
          (error) => this.debug(asError(error).message),
        );
        return assembleServices(
          store,
          () => models.vision(),
          process.env,
          (message) => this.error(message),
        );
      });
      // A failure (database not up yet) must not stick: the next request tries again.
      assembled.catch(() => (assembled = null));
      return assembled;
    };
  });
};
