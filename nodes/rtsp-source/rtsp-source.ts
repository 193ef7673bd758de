import type { Node, NodeAPI, NodeDef } from "node-red";
import { parseAddress, type CameraSettings } from "../../adapters/cameras";
import { frames, refOf } from "../../adapters/frames/frame-store";
import type { CameraLink } from "../shared/camera-link";
import { CameraRun, PICTURES, type CameraStatus } from "../shared/camera-run";
import { requireConfig, type ModelsNode } from "../shared/config-nodes";
import { asError, NodeStatus, numberField, onClose, onInput } from "../shared/kit";

interface SourceConfig extends NodeDef {
  camera: string;
  models: string;
  picture: "none" | "preview" | "full";
  autostart: boolean;
  fps: string;
  maxWidth: string;
  keyFramesOnly: boolean;
  hwaccel: string;
  interval: string;
  loop: boolean;
  watch: boolean;
  stall: string;
  /** Shares of the picture in percent. */
  regionX: string;
  regionY: string;
  regionW: string;
  regionH: string;
}

/** What the source needs of its camera, from the form's fields. */
function settingsOf(config: SourceConfig, camera: CameraLink, url: string): CameraSettings {
  const percent = (value: unknown, fallback: number): number =>
    Math.min(100, Math.max(0, numberField(value, fallback))) / 100;
  const x = percent(config.regionX, 0);
  const y = percent(config.regionY, 0);
  const w = Math.min(1 - x, percent(config.regionW, 100));
  const h = Math.min(1 - y, percent(config.regionH, 100));
  const maxWidth = numberField(config.maxWidth, 0);
  const whole = w >= 1 && h >= 1;
  if (w <= 0 || h <= 0) throw new Error("the region of interest is empty");
  return {
    cameraId: camera.cameraId,
    laneId: camera.laneId,
    input: parseAddress(url, { transport: camera.transport }),
    fps: Math.min(60, Math.max(0, numberField(config.fps, 10))),
    keyFramesOnly: Boolean(config.keyFramesOnly),
    hwaccel: /^[a-z0-9]*$/.test(config.hwaccel ?? "") ? config.hwaccel : "",
    intervalMs: Math.max(50, numberField(config.interval, 1) * 1000),
    loop: config.loop !== false,
    watch: Boolean(config.watch),
    stallMs: Math.max(1000, numberField(config.stall, 10) * 1000),
    insecureTls: camera.insecureTls,
    ...(maxWidth > 0 ? { maxWidth } : {}),
    ...(whole ? {} : { region: [x, y, w, h] as [number, number, number, number] }),
  };
}

/** The same part of the picture, at its full width. */
function highOf(settings: CameraSettings): CameraSettings {
  const high = { ...settings, cameraId: `${settings.cameraId}-high` };
  delete high.maxWidth;
  return high;
}

/** The camera's state as the node's status. */
function statusOf(status: NodeStatus): CameraStatus {
  return {
    connecting: () => status.busy("connecting"),
    ended: () => status.busy("ended"),
    failed: (code) => status.error(code),
    live({ fps, broken, lastBroken }) {
      if (broken > 0 && lastBroken && fps === 0) status.warn("broken", { broken });
      else status.ok("live", { fps: fps.toFixed(0) });
    },
  };
}

module.exports = function (RED: NodeAPI): void {
  RED.nodes.registerType("rtsp-source", function (this: Node, config: SourceConfig) {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(RED, this);
    let running: CameraRun | null = null;
    let ended: Promise<void> = Promise.resolve();

    const start = (): void => {
      if (running) return;
      const camera = requireConfig<CameraLink>(RED, config.camera, "camera");
      const picture = config.picture === "none" ? null : (PICTURES[config.picture] ?? null);
      const vision =
        picture && config.models
          ? requireConfig<ModelsNode>(RED, config.models, "models").vision()
          : null;
      const low = settingsOf(config, camera, camera.url);
      const high = camera.highUrl ? highOf(settingsOf(config, camera, camera.highUrl)) : null;
      const shown = { shownUrl: camera.shownUrl, status: statusOf(status) };
      running = new CameraRun(this, { settings: low, high, picture, vision, ...shown });
    };
    const stop = (): Promise<void> => {
      const ending = running;
      running = null;
      if (ending) ended = Promise.all([ended, ending.close()]).then(() => undefined);
      return ended;
    };

    onInput(this, async (message, send) => {
      if (message.payload === "start") start();
      else if (message.payload === "stop") {
        await stop();
        status.warn("stopped");
      } else if (message.payload === "snapshot") {
        const camera = requireConfig<CameraLink>(RED, config.camera, "camera");
        const newest = frames.latest(camera.cameraId);
        if (!newest) throw new Error("the camera has given no picture yet");
        message.topic = newest.cameraId;
        message.frame = refOf(newest);
        send(message);
      } else throw new Error('msg.payload must be "start", "stop" or "snapshot"');
    });
    onClose(this, stop);

    if (config.autostart === false) return status.warn("stopped");
    try {
      start();
    } catch (error) {
      status.error("config");
      this.error(asError(error).message);
    }
  });
};
