import { randomUUID } from "node:crypto";
import type { PixelFrame } from "../../core/vision/ports";
import { inspectPicture } from "../vision/pictures";

/**
 * A picture file (JPEG, PNG, WebP) as a frame. Only its header is read here.
 * @param capturedAt milliseconds since the epoch
 * @throws VisionError picture_invalid or picture_too_large
 */
export async function pictureFrame(
  file: Buffer,
  cameraId: string,
  seq: number,
  capturedAt: number,
): Promise<PixelFrame> {
  const { width, height } = await inspectPicture(file);
  const data = new SharedArrayBuffer(file.length);
  new Uint8Array(data).set(file);
  const id = randomUUID();
  return { id, cameraId, laneId: null, seq, capturedAt, width, height, format: "encoded", data };
}
