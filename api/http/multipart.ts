import busboy from "busboy";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { ApiError } from "../errors";

export interface UploadedFile {
  field: string;
  name: string;
  mimeType: string;
  data: Buffer;
}

export interface MultipartForm {
  fields: Record<string, string>;
  files: UploadedFile[];
}

export interface MultipartLimits {
  /** Bytes a file. */
  fileSize: number;
  /** Bytes a field, default 64 KB. */
  fieldSize?: number;
  files: number;
}

/**
 * Reads a multipart/form-data body into memory, within limits.
 * @param request the request, or with `body` given only its headers are used
 * @param body the body where Node-RED has already read it
 * @throws ApiError 400 (no or broken multipart), 413 (over a limit)
 */
export async function readMultipart(
  request: IncomingMessage,
  limits: MultipartLimits,
  body?: Buffer,
): Promise<MultipartForm> {
  let parser: busboy.Busboy;
  try {
    parser = busboy({
      headers: request.headers,
      limits: {
        fileSize: limits.fileSize,
        files: limits.files,
        fields: 50,
        fieldSize: limits.fieldSize ?? 65_536,
        parts: 60,
      },
    });
  } catch {
    throw ApiError.invalid("The body must be multipart/form-data");
  }
  const source = body ? Readable.from([body]) : request;
  try {
    return await collect(parser, source, limits);
  } finally {
    source.unpipe(parser);
    if (source === request) request.resume();
  }
}

function collect(
  parser: busboy.Busboy,
  source: Readable,
  limits: MultipartLimits,
): Promise<MultipartForm> {
  const form: MultipartForm = { fields: {}, files: [] };
  return new Promise((resolve, reject) => {
    const tooLarge = () =>
      new ApiError(413, "PAYLOAD_TOO_LARGE", `A file may have at most ${limits.fileSize} bytes`);
    parser.on("field", (name, value, info) => {
      if (info.valueTruncated)
        reject(new ApiError(413, "PAYLOAD_TOO_LARGE", `The field ${name} is too long`));
      form.fields[name] = value;
    });
    parser.on("file", (field, stream, info) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("limit", () => reject(tooLarge()));
      stream.on("error", reject);
      stream.on("close", () => {
        if (stream.truncated) return;
        const data = Buffer.concat(chunks);
        form.files.push({ field, name: info.filename ?? "", mimeType: info.mimeType, data });
      });
    });
    for (const limit of ["filesLimit", "fieldsLimit", "partsLimit"] as const) {
      parser.on(limit, () => reject(new ApiError(413, "PAYLOAD_TOO_LARGE", "Too many parts")));
    }
    parser.on("error", () => reject(ApiError.invalid("The multipart body is broken")));
    parser.on("close", () => resolve(form));
    source.on("aborted", () => reject(ApiError.invalid("The upload was broken off")));
    source.on("error", () => reject(ApiError.invalid("The upload was broken off")));
    source.pipe(parser);
  });
}
