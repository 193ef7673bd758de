import busboy from "busboy";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ApiError } from "../errors";

const MAX_FIELDS = 20;
const FIELD_BYTES = 4096;

export interface FileUpload {
  fields: Record<string, string>;
  /** As its sender named it, without folders. */
  name: string;
  path: string;
  bytes: number;
}

export interface FileUploadOptions {
  /** The part that holds the file. */
  field: string;
  maxBytes: number;
  /** Where it is written. */
  path: string;
  headBytes: number;
  /** Looks at the first bytes. @throws ApiError for what is not taken */
  check: (head: Buffer) => void;
  /** Told of each piece before it is written. Rejects with an ApiError where there is no room for it */
  wrote: (bytes: number) => Promise<void>;
}

/**
 * Streams the file of a multipart body to the disk: memory does not grow with its size.
 * Where anything is wrong, nothing of it is kept.
 * @throws ApiError 400 (no or broken multipart, no file), 413, 507 (disk full), and what `check` and `wrote` throw
 */
export async function receiveFile(
  request: IncomingMessage,
  options: FileUploadOptions,
): Promise<FileUpload> {
  const upload: FileUpload = { fields: {}, name: "", path: options.path, bytes: -1 };
  const parser = parserOf(request, options.maxBytes);
  let writing: Promise<void> = Promise.resolve();
  const parsed = new Promise<void>((resolve, reject) => {
    parser.on("field", (name, value, { valueTruncated }) => {
      if (valueTruncated) reject(tooLarge(`The field ${name} is too long`));
      upload.fields[name] = value;
    });
    for (const limit of ["filesLimit", "fieldsLimit", "partsLimit"] as const) {
      parser.on(limit, () => reject(tooLarge("Too many parts")));
    }
    parser.on("file", (field, stream, { filename }) => {
      if (field !== options.field) {
        stream.resume();
        return;
      }
      upload.name = (filename ?? "").replace(/^.*[\\/]/, "").slice(0, 255);
      writing = write(stream, upload, options);
      writing.catch(reject);
    });
    const brokenOff = (): void => {
      reject(ApiError.invalid("The upload was broken off, or its multipart body is broken"));
    };
    parser.on("error", brokenOff);
    request.once("aborted", brokenOff);
    request.once("error", brokenOff);
    parser.on("close", resolve);
    request.pipe(parser); // not a pipeline: that would take the connection down before the answer
  });
  try {
    await parsed;
    await writing;
    if (upload.bytes < 0) {
      throw ApiError.invalid("There is no file", [{ field: options.field, message: "is missing" }]);
    }
    if (upload.bytes === 0) {
      throw ApiError.invalid("The file is empty", [{ field: options.field, message: "is empty" }]);
    }
    return upload;
  } catch (error) {
    request.unpipe(parser);
    request.resume();
    parser.destroy();
    await writing.catch(() => undefined);
    await rm(options.path, { force: true });
    throw error;
  }
}

function parserOf(request: IncomingMessage, maxBytes: number): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: "utf8",
      limits: {
        fileSize: maxBytes,
        files: 1,
        fields: MAX_FIELDS,
        fieldSize: FIELD_BYTES,
        parts: MAX_FIELDS + 1,
      },
    });
  } catch {
    throw ApiError.invalid("The body must be multipart/form-data");
  }
}

async function write(
  stream: Readable & { truncated?: boolean },
  upload: FileUpload,
  { path, maxBytes, headBytes, check, wrote }: FileUploadOptions,
): Promise<void> {
  let head = Buffer.alloc(0);
  let bytes = 0;
  const look = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const before = head.length;
      if (before < headBytes) head = Buffer.concat([head, chunk]).subarray(0, headBytes);
      bytes += chunk.length;
      const wrong = before < headBytes && head.length === headBytes ? refused(check, head) : null;
      if (wrong) done(wrong);
      else wrote(chunk.length).then(() => done(null, chunk), done);
    },
    flush(done) {
      done(bytes > 0 && head.length < headBytes ? refused(check, head) : null);
    },
  });
  try {
    await pipeline(stream, look, createWriteStream(path, { flags: "wx", mode: 0o640 }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") {
      throw ApiError.full("There is no space left for this file");
    }
    throw error;
  }
  if (stream.truncated) throw tooLarge(`A file may have at most ${maxBytes} bytes`);
  upload.bytes = bytes;
}

function refused(check: (head: Buffer) => void, head: Buffer): Error | null {
  try {
    check(head);
    return null;
  } catch (error) {
    return error as Error;
  }
}

const tooLarge = (detail: string): ApiError => new ApiError(413, "PAYLOAD_TOO_LARGE", detail);
