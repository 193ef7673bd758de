import type { Request } from "express";
import { VisionError } from "../../core/vision/ports";
import { ApiError } from "../errors";
import { readMultipart } from "./multipart";

/** Largest picture that is taken, in bytes (API-DECISIONS, Limits). */
export const MAX_PICTURE_BYTES = 20 * 1024 * 1024;

/**
 * The picture in the part `file` of a multipart body.
 * @param body what Node-RED has read of it already, if it has
 * @throws ApiError 400 where there is none, 413 where it is too large
 */
export async function pictureOf(request: Request, body: unknown): Promise<Buffer> {
  const read = Buffer.isBuffer(body) ? body : undefined;
  const form = await readMultipart(request, { fileSize: MAX_PICTURE_BYTES, files: 1 }, read);
  const file = form.files.find(({ field }) => field === "file");
  if (file) return file.data;
  throw ApiError.invalid("There is no picture", [{ field: "file", message: "is missing" }]);
}

/** What a picture or the models did wrong, as an answer. @throws ApiError 400, 413 or 503 */
export function visionFailure(error: unknown): never {
  if (!(error instanceof VisionError)) throw error;
  if (error.code === "picture_invalid") {
    throw ApiError.invalid(error.message, [{ field: "file", message: error.message }]);
  }
  if (error.code === "picture_too_large") {
    throw new ApiError(413, "PAYLOAD_TOO_LARGE", error.message);
  }
  throw ApiError.unavailable(error.message);
}
