import { openCamera, type CameraSettings, type CameraSource } from "../../adapters/cameras";
import type { PixelFrame } from "../../core/vision/ports";

/** Frames of both streams further apart in time are not of one moment. */
const PAIR_WITHIN_MS = 300;
/** Newest frames kept to choose from; they are large. */
const KEEP = 3;

/** The camera's second stream: gives each frame of the first its partner in high resolution. */
export class HighStream {
  private readonly source: CameraSource;
  private kept: PixelFrame[] = [];

  /** @param onTrouble told once each time the stream fails; reading then goes on without it */
  constructor(settings: CameraSettings, onTrouble: (what: string) => void) {
    let last = "";
    this.source = openCamera(settings, {
      onFrame: (frame) => {
        this.kept.push(frame);
        if (this.kept.length > KEEP) this.kept.shift();
      },
      onState: ({ state, error }) => {
        if (state === "live") last = "";
        else if (error && error.code !== last) {
          last = error.code;
          this.kept = [];
          onTrouble(`${error.message} [${error.code}]`);
        }
      },
    });
  }

  /** The frame nearest in time, or null. */
  partnerOf({ capturedAt }: PixelFrame): PixelFrame | null {
    const apart = (frame: PixelFrame): number => Math.abs(frame.capturedAt - capturedAt);
    const best = [...this.kept].sort((a, b) => apart(a) - apart(b))[0];
    return best && apart(best) <= PAIR_WITHIN_MS ? best : null;
  }

  async close(): Promise<void> {
    await this.source.close();
    this.kept = [];
  }
}
