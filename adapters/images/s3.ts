import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { AwsClient } from "aws4fetch";
import { imagePath, safePath } from "../../core/events/image-path";
import { StoreError } from "../../core/events/errors";
import type {
  ComponentHealth,
  ImageData,
  ImageInfo,
  ImagePaths,
  ImageStore,
  ImageStream,
} from "../../core/events/ports";
import { systemError } from "../database/errors";

export interface S3Options {
  /** E.g. "http://127.0.0.1:9000"; the bucket goes into the path. */
  endpoint: string;
  region: string;
  bucket: string;
  /** Put before every path, "" or ending with "/". */
  prefix: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Longest wait for an answer; a picture is small. */
const TIMEOUT_MS = 15_000;

/** Pictures in an S3-compatible store, under the same dated paths as on disk. */
export class S3Images implements ImageStore {
  readonly kind = "s3";
  private readonly client: AwsClient;
  private readonly base: string;

  constructor(private readonly options: S3Options) {
    const { accessKeyId, secretAccessKey, region } = options;
    this.client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      region,
      service: "s3",
      // events wait in the spool: no second queue here
      retries: 0,
    });
    this.base = `${options.endpoint.replace(/\/+$/, "")}/${options.bucket}`;
  }

  async put(eventId: string, timestamp: number, images: ImageData): Promise<ImagePaths> {
    const paths: ImagePaths = { frame: null, crop: null };
    for (const kind of ["frame", "crop"] as const) {
      const data = images[kind];
      if (!data || data.length === 0) continue;
      const path = imagePath(eventId, timestamp, kind);
      const answer = await this.call("PUT", path, {
        body: new Uint8Array(data),
        headers: { "content-type": "image/jpeg" },
      });
      await answer.arrayBuffer();
      this.check(answer);
      paths[kind] = path;
    }
    return paths;
  }

  async info(path: string): Promise<ImageInfo | null> {
    const safe = safePath(path);
    if (safe === null) return null;
    const answer = await this.call("HEAD", safe);
    if (answer.status === 404) return null;
    this.check(answer);
    return infoOf(answer, Number(answer.headers.get("content-length")));
  }

  async open(path: string, range?: { start: number; end?: number }): Promise<ImageStream | null> {
    const safe = safePath(path);
    if (safe === null) return null;
    const headers: Record<string, string> = {};
    if (range) headers["range"] = `bytes=${range.start}-${range.end ?? ""}`;
    const answer = await this.call("GET", safe, { headers });
    if (answer.status === 404 || answer.body === null) return null;
    if (answer.status === 416) {
      throw new StoreError("invalid", `range ${range?.start ?? 0} is not within the picture`);
    }
    this.check(answer);
    // "bytes 2-4/10", absent where the whole is given
    const part = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(answer.headers.get("content-range") ?? "");
    const size = Number(part?.[3] ?? answer.headers.get("content-length"));
    const stream = Readable.fromWeb(answer.body as unknown as ReadableStream<Uint8Array>);
    return {
      ...infoOf(answer, size),
      start: Number(part?.[1] ?? 0),
      end: Number(part?.[2] ?? size - 1),
      stream,
      cancel: () => stream.destroy(),
    };
  }

  async delete(path: string): Promise<boolean> {
    const safe = safePath(path);
    // S3 says yes also to what is not there
    if (safe === null || (await this.info(safe)) === null) return false;
    const answer = await this.call("DELETE", safe);
    await answer.arrayBuffer();
    this.check(answer);
    return true;
  }

  async health(): Promise<ComponentHealth> {
    const started = performance.now();
    let error: string | null = null;
    try {
      const answer = await this.request("HEAD", this.base);
      this.check(answer);
    } catch (thrown) {
      error = systemError(thrown).message;
    }
    return {
      status: error === null ? "healthy" : "unhealthy",
      responseTimeMs: Math.round(performance.now() - started),
      error,
      details: { kind: this.kind, bucket: this.options.bucket, accessible: error === null },
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private call(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    return this.request(method, `${this.base}/${this.options.prefix}${path}`, init);
  }

  private async request(method: string, url: string, init: RequestInit = {}): Promise<Response> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      return await this.client.fetch(url, { ...init, method, signal });
    } catch (error) {
      const cause = (error as { cause?: unknown }).cause ?? error;
      throw new StoreError("unavailable", `the picture store does not answer: ${String(cause)}`, {
        cause: error,
      });
    }
  }

  /** Throws where the store said no: it may be set right, so events wait meanwhile. */
  private check(answer: Response): void {
    if (answer.ok) return;
    const full = answer.status === 507;
    throw new StoreError(
      full ? "full" : "unavailable",
      `the picture store answered ${answer.status} ${answer.statusText}`,
    );
  }
}

function infoOf(answer: Response, size: number): ImageInfo {
  const modified = Date.parse(answer.headers.get("last-modified") ?? "");
  return {
    size,
    modifiedAt: Number.isFinite(modified) ? modified : 0,
    etag: answer.headers.get("etag") ?? `"${size}"`,
    contentType: "image/jpeg",
  };
}
