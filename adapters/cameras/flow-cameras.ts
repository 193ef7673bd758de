/** A camera that a flow's config node describes. */
export interface FlowCamera {
  cameraId: string;
  cameraName: string;
  laneId: string | null;
  /** For people, its password masked. */
  shownUrl: string;
  transport: "tcp" | "udp";
}

/** The cameras that flows of this process describe, so that lists can show them. */
export class FlowCameras {
  private readonly cameras = new Set<FlowCamera>();

  /** @returns a function that takes it out again */
  add(camera: FlowCamera): () => void {
    this.cameras.add(camera);
    return () => this.cameras.delete(camera);
  }

  /** One per id, the newest of those that share one. */
  all(): FlowCamera[] {
    return [...new Map([...this.cameras].map((one) => [one.cameraId, one])).values()];
  }

  has(cameraId: string): boolean {
    return this.all().some((one) => one.cameraId === cameraId);
  }
}

/** The process's. */
export const flowCameras = new FlowCameras();
