import type { CameraNode } from "./config-nodes";

/** What a source needs of the camera node besides its address. */
export interface CameraLink extends CameraNode {
  /** For RTSP. */
  transport: "tcp" | "udp";
  /** Accept certificates that no authority signed. */
  insecureTls: boolean;
}
