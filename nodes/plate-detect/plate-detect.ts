import type { Node, NodeAPI, NodeDef } from "node-red";
import { frames, refOf } from "../../adapters/frames/frame-store";
import { pictureFrame } from "../../adapters/frames/picture-frame";
import type { DetectOptions, PixelFrame } from "../../core/vision/ports";
import { VisionError } from "../../core/vision/ports";
import { parseZones, type Zones, zonesIn } from "../../core/vision/zones";
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

interface DetectConfig extends NodeDef {
  models: string;
  minConfidence: string;
  minWidth: string;
  /** JSON: polygons in pixels, or in fractions of the picture. */
  zones: string;
  tiles: boolean;
  /** Send messages on also when no plate is found. */
  passEmpty: boolean;
}

/** Finds plates: `msg.frame` (or a picture in `msg.payload`) to `msg.detections`. */
module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("plate-detect", function (this: Node, config: DetectConfig) {
    RED.nodes.createNode(this, config);
    const status = new StageStatus(new NodeStatus(RED, this));
    const newest = new NewestWins("plate-detect");
    const pictures = new Pictures(this.id);
    const setup = checked(() => ({
      models: requireConfig<ModelsNode>(RED, config.models, RED._("plate-detect.models")),
      zones: parseZones(config.zones),
    }));
    if (setup instanceof Error) status.failed("misconfigured");

    onInput(this, async (message, send) => {
      if (setup instanceof Error) throw setup;
      const vision = setup.models.vision();
      const key = message.frame?.cameraId ?? pictures.cameraOf(message);
      await newest.run(key, async () => {
        try {
          const frame = frameOf(message) ?? (await pictures.take(message, key));
          message.detections = await vision.detect(frame, optionsOf(config, setup.zones, frame));
          message.frame ??= refOf(frame);
        } catch (error) {
          status.failed("failed");
          throw error;
        }
        const count = message.detections.length;
        status.found("found", count, newest.dropped);
        message.payload = message.detections;
        if (count > 0 || config.passEmpty) send(message);
      });
    });

    onClose(this, () => {
      newest.close();
      pictures.drop();
      status.close();
    });
  });
};

function checked<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (error) {
    return asError(error);
  }
}

/** The frame that the message names; null where it names none. */
function frameOf(message: PlategateMessage): PixelFrame | null {
  if (!message.frame) return null;
  const frame = frames.get(message.frame.id);
  if (frame) return frame;
  throw new VisionError("frame_gone", `frame ${message.frame.id} is no longer kept`);
}

function optionsOf(config: DetectConfig, zones: Zones, frame: PixelFrame): DetectOptions {
  const options: DetectOptions = {
    zones: zonesIn(zones, frame.width, frame.height),
    minWidth: numberField(config.minWidth, 0),
    tiles: config.tiles,
  };
  const least = numberField(config.minConfidence, -1);
  if (least >= 0) options.minConfidence = least;
  return options;
}

/** Pictures that came in `msg.payload`, put among the frames so that later nodes find them. */
class Pictures {
  private readonly cameras = new Set<string>();
  private count = 0;

  constructor(private readonly nodeId: string) {}

  /** The topic, else the node, stands for a camera. */
  cameraOf(message: PlategateMessage): string {
    return typeof message.topic === "string" && message.topic !== "" ? message.topic : this.nodeId;
  }

  async take(message: PlategateMessage, cameraId: string): Promise<PixelFrame> {
    if (!Buffer.isBuffer(message.payload)) {
      throw new VisionError("picture_invalid", "neither msg.frame nor a picture in msg.payload");
    }
    const frame = await pictureFrame(message.payload, cameraId, this.count++, Date.now());
    this.cameras.add(cameraId);
    frames.put(frame);
    return frame;
  }

  drop(): void {
    for (const camera of this.cameras) frames.drop(camera);
  }
}
