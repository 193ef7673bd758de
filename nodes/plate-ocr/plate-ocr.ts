import type { Node, NodeAPI, NodeDef } from "node-red";
import { frames } from "../../adapters/frames/frame-store";
import type { Read } from "../../core/messages";
import { NOT_A_PLATE } from "../../core/vision/plate-alphabet";
import { readInHigh } from "../../core/vision/two-resolutions";
import { type ReadOptions, VisionError, type VisionService } from "../../core/vision/ports";
import { type ModelsNode, requireConfig } from "../shared/config-nodes";
import {
  asError,
  NodeStatus,
  numberField,
  onClose,
  onInput,
  type PlategateMessage,
} from "../shared/kit";
import { NewestWins } from "../shared/newest";
import { StageStatus } from "../shared/stage-status";

interface OcrConfig extends NodeDef {
  models: string;
  /** Empty: the script of the models node. */
  script: string;
  minConfidence: string;
}

/** Reads plates: `msg.detections` to `msg.reads`. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("plate-ocr", function (this: Node, config: OcrConfig) {
    RED.nodes.createNode(this, config);
    const status = new StageStatus(new NodeStatus(RED, this));
    const newest = new NewestWins("plate-ocr");
    const options = optionsOf(config);
    let models: ModelsNode | Error;
    try {
      models = requireConfig<ModelsNode>(RED, config.models, RED._("plate-ocr.models"));
    } catch (error) {
      models = asError(error);
      status.failed("misconfigured");
    }

    onInput(this, async (message, send) => {
      if (models instanceof Error) throw models;
      const vision = models.vision();
      await newest.run(message.frame?.cameraId ?? "", async () => {
        try {
          message.reads = await readAll(vision, message, options);
        } catch (error) {
          status.failed("failed");
          if (isDown(error)) send({ ...message, reads: unreadBecauseDown(message) });
          throw error;
        }
        const readable = message.reads.filter((r) => r.readable).length;
        status.found("read", readable, newest.dropped);
        message.payload = message.reads;
        send(message);
      });
    });

    onClose(this, () => {
      newest.close();
      status.close();
    });
  });
};

/** Whether the reader itself is down, and not only this frame's reading. */
function isDown(error: unknown): boolean {
  const codes: VisionError["code"][] = ["model_missing", "model_invalid", "worker_died"];
  return error instanceof VisionError && codes.includes(error.code);
}

/**
 * The plates that were seen and could not be read: they become passages that are denied
 * and told of as `reader_down`, and no gate opens for them.
 */
function unreadBecauseDown({ frame, detections = [] }: PlategateMessage): Read[] {
  return detections.map((detection) => ({
    text: "",
    confidence: 0,
    characters: [],
    region: null,
    rows: 1,
    readable: false,
    reason: "reader_down",
    detection,
    frameId: frame?.id ?? "",
    capturedAt: frame?.capturedAt ?? 0,
  }));
}

function optionsOf(config: OcrConfig): ReadOptions {
  const options: ReadOptions = { minConfidence: numberField(config.minConfidence, 0) };
  if (config.script) options.script = config.script;
  return options;
}

/** One read for each detection; text that is no plate's (shop signs) is left out. */
async function readAll(
  vision: VisionService,
  { frame: ref, detections }: PlategateMessage,
  options: ReadOptions,
): Promise<Read[]> {
  if (!ref || !detections) {
    throw new VisionError("frame_gone", "no msg.detections: connect plate-detect before plate-ocr");
  }
  if (detections.length === 0) return [];
  const frame = frames.get(ref.id);
  if (!frame) throw new VisionError("frame_gone", `frame ${ref.id} is no longer kept`);
  const high = frames.highOf(ref.id);
  const reads = high
    ? await readInHigh(vision, frame, high, detections, options)
    : await vision.read(frame, detections, options);
  return reads.filter((r) => r.reason !== NOT_A_PLATE);
}
