import type { Node } from "node-red";
import {
  openCamera,
  type CameraSettings,
  type CameraSource,
  type CameraState,
  type CameraStats,
} from "../../adapters/cameras";
import { runningCameras } from "../../adapters/cameras/running";
import { frames } from "../../adapters/frames/frame-store";
import type { EncodeOptions, PixelFrame, VisionService } from "../../core/vision/ports";
import { asError, type PlategateMessage } from "./kit";
import { HighStream } from "./high-stream";

/** Pictures in `msg.payload`, by the choice in the form. */
export const PICTURES: Record<"preview" | "full", EncodeOptions> = {
  preview: { maxSide: 640, quality: 75 },
  full: { quality: 85 },
};

/** Where it is shown how a camera does. */
export interface CameraStatus {
  connecting(): void;
  /** Called every two seconds while it sends pictures. */
  live(stats: CameraStats): void;
  ended(): void;
  failed(code: string): void;
}

export interface CameraRunOptions {
  settings: CameraSettings;
  /** The same camera's second stream. */
  high: CameraSettings | null;
  /** For people, its password masked. */
  shownUrl: string;
  status: CameraStatus;
  /** A JPEG for `msg.payload`, made by `vision`; null for none. */
  picture: EncodeOptions | null;
  vision: VisionService | null;
}

const STATUS_EVERY_MS = 2000;

/** One running camera of a node: frames into the store, messages out, state shown. */
export class CameraRun {
  private readonly source: CameraSource;
  private readonly ticker: NodeJS.Timeout;
  private readonly high: HighStream | null;
  private readonly leave: () => void;
  private lastError = "";

  constructor(
    private readonly node: Node,
    private readonly options: CameraRunOptions,
  ) {
    const { settings, high, status, shownUrl } = options;
    status.connecting();
    this.high = high
      ? new HighStream(high, (what) => node.warn(`${settings.cameraId}, 2nd stream: ${what}`))
      : null;
    this.source = openCamera(settings, {
      onFrame: (frame) => this.frame(frame),
      onState: (state) => this.show(state),
      onBroken: (reason) => node.debug(`skipped a picture of ${settings.cameraId}: ${reason}`),
    });
    this.leave = runningCameras.add(settings.cameraId, shownUrl, this.source);
    this.ticker = setInterval(() => this.tick(), STATUS_EVERY_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.ticker);
    this.leave();
    await Promise.all([this.source.close(), this.high?.close()]);
    frames.drop(this.options.settings.cameraId);
  }

  private frame(frame: PixelFrame): void | Promise<void> {
    const { vision, picture } = this.options;
    const ref = frames.put(frame, this.high?.partnerOf(frame));
    const message = { topic: frame.cameraId, frame: ref } as PlategateMessage;
    if (!vision || !picture) return this.node.send(message);
    return vision.encode(frame, picture).then(
      (jpeg) => this.node.send({ ...message, payload: jpeg }),
      (error: unknown) => {
        this.node.debug(`no picture of ${frame.id}: ${asError(error).message}`);
        this.node.send(message);
      },
    );
  }

  private show({ state, error }: CameraState): void {
    const { settings, status } = this.options;
    if (state === "live") {
      if (this.lastError) this.node.log(`${settings.cameraId} sends pictures again`);
      this.lastError = "";
      return this.tick();
    }
    if (state === "ended") return status.ended();
    if (!error) return;
    if (error.code !== this.lastError) {
      this.node.error(`${settings.cameraId}: ${error.message} [${error.code}]`);
    }
    this.lastError = error.code;
    status.failed(error.code);
  }

  private tick(): void {
    if (this.source?.state.state === "live") this.options.status.live(this.source.stats());
  }
}
