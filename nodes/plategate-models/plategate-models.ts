import type { NodeAPI, NodeDef } from "node-red";
import { createVisionService, type VisionOptions } from "../../adapters/vision/service";
import type { VisionService } from "../../core/vision/ports";
import type { ModelsNode } from "../shared/config-nodes";
import { asError, numberField, onClose } from "../shared/kit";

interface ModelsConfig extends NodeDef {
  engine: string;
  script: string;
  preset: string;
  /** Worker threads; empty for the default. */
  workers: string;
}

/** Most worker threads that can be asked for. */
const MAX_WORKERS = 16;

/** The models that read, and the worker threads they run on, shared by all nodes that name this one. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("plategate-models", function (this: ModelsNode, config: ModelsConfig) {
    RED.nodes.createNode(this, config);
    let service: VisionService | null = null;
    let closed = false;

    this.vision = () => {
      if (service) return service;
      if (closed) throw new Error(RED._("plategate-models.error.closed"));
      service = createVisionService(optionsOf(config));
      service.ready().then(
        ({ engine, models, workers }) => {
          const names = models.map((m) => `${m.id} ${m.version}`).join(", ");
          this.log(RED._("plategate-models.log.ready", { engine, names, workers }));
        },
        (error: unknown) => {
          if (!closed) this.error(asError(error).message);
        },
      );
      return service;
    };

    onClose(this, async () => {
      closed = true;
      await service?.close();
      service = null;
    });
  });
};

function optionsOf(config: ModelsConfig): VisionOptions {
  const { engine } = config;
  const options: VisionOptions = {
    engine: engine === "plategate" || engine === "ppocr" ? engine : "auto",
    script: config.script === "thai" ? "thai" : "latin",
    preset: config.preset === "road" ? "road" : "gate",
  };
  const workers = Math.floor(numberField(config.workers, 0));
  if (workers >= 1) options.workers = Math.min(workers, MAX_WORKERS);
  return options;
}
