import type { CameraSource, CameraState, CameraStats } from "./types";

/** A camera that a node of this process reads. */
export interface RunningCamera {
  cameraId: string;
  /** For people, its password masked. */
  shownUrl: string;
  /** Since when it is read, ms. */
  startedAt: number;
  state(): CameraState;
  stats(): CameraStats;
}

/** The cameras that nodes of this process read, so that health pages and lists can show them. */
export class RunningCameras {
  private readonly cameras = new Set<RunningCamera>();

  /** @returns a function that takes it out again */
  add(cameraId: string, shownUrl: string, source: CameraSource): () => void {
    const camera: RunningCamera = {
      cameraId,
      shownUrl,
      startedAt: Date.now(),
      state: () => source.state,
      stats: () => source.stats(),
    };
    this.cameras.add(camera);
    return () => this.cameras.delete(camera);
  }

  all(): RunningCamera[] {
    return [...this.cameras];
  }

  get(cameraId: string): RunningCamera | undefined {
    return this.all().find((camera) => camera.cameraId === cameraId);
  }
}

/** The process's. */
export const runningCameras = new RunningCameras();
