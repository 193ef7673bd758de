import { VisionError } from "../../core/vision/ports";
import { inspectPicture, shrinkPicture } from "./pictures";

/** Decoding a file at this size is enough to see whether it is whole. */
const PROBE_SIDE = 64;
const QUALITY = 90;

/**
 * A picture that somebody sent, as the JPEG that is kept: an upright JPEG as it is,
 * another turned and converted. The whole file is read.
 * @param ground what shows through where it is transparent
 * @throws VisionError picture_invalid (also for a file that ends early) or picture_too_large
 */
export async function keptPicture(file: Buffer, ground = "#000000"): Promise<Buffer> {
  const { format, turned, width, height } = await inspectPicture(file);
  if (format === "jpeg" && !turned) {
    await shrinkPicture(file, PROBE_SIDE, QUALITY);
    return file;
  }
  return Buffer.from(await shrinkPicture(file, Math.max(width, height), QUALITY, ground));
}

/**
 * The bytes of a picture in base64, also of a data URL.
 * @throws VisionError picture_invalid for text that is no base64
 */
export function pictureBytes(text: string): Buffer {
  const base64 = text.replace(/^data:[^,]{0,100},/, "").replace(/\s+/g, "");
  if (base64 === "" || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(base64)) {
    throw new VisionError("picture_invalid", "the picture is not base64");
  }
  return Buffer.from(base64, "base64");
}
