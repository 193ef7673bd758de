import type { CameraNode } from "./config-nodes";

/** What a source needs of the camera node besides its address. */
export interface CameraLink extends CameraNode {
  /** For RTSP. */
  transport: "tcp" | "udp";
  /** A second stream of the same camera in high resolution, to read from; null without one. */
  highUrl: string | null;
  /** Accept certificates that no authority signed. */
  insecureTls: boolean;
}
