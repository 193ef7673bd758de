import { Agent, request, type Dispatcher } from "undici";
import { CONNECTION_REFUSED, UNKNOWN_NAME, CameraError, toCameraError } from "./errors";
import { authorize } from "./http-auth";
import { MultipartReader } from "./multipart";
import { MAX_PICTURE_BYTES, readPictureHeader, toShared } from "./picture-header";
import { pause } from "./supervisor";
import type { CameraInput, CameraSettings, Session, SessionSink } from "./types";

type HttpInput = Extract<CameraInput, { kind: "http" }>;
type Answer = Dispatcher.ResponseData;

/** A snapshot address that gives so many unusable pictures in a row counts as broken. */
const BROKEN_LIMIT = 10;

/** Opens an HTTP address: an MJPEG stream, or single pictures asked for again and again. */
export function httpSession(settings: CameraSettings, sink: SessionSink): Session {
  const { input } = settings;
  if (input.kind !== "http") throw new CameraError("unsupported", "not an HTTP address");
  const stopping = new AbortController();
  const client = new HttpPictures(settings, input, sink, stopping.signal);
  const done = client.run().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw explain(error, input);
  });
  done.catch(() => undefined);
  return {
    done,
    stop: async () => {
      stopping.abort();
      await client.close();
      await done.catch(() => undefined);
    },
  };
}

class HttpPictures {
  private readonly agent: Agent;
  private authorization: { challenges: string[] } | null = null;
  private known = false;
  private nextAt = 0;
  private brokenInRow = 0;

  constructor(
    private readonly settings: CameraSettings,
    private readonly input: HttpInput,
    private readonly sink: SessionSink,
    private readonly signal: AbortSignal,
  ) {
    const { connectTimeoutMs = 10_000, stallMs = 10_000, insecureTls = false } = settings;
    this.agent = new Agent({
      connect: { timeout: connectTimeoutMs, rejectUnauthorized: !insecureTls },
      headersTimeout: connectTimeoutMs,
      bodyTimeout: stallMs,
    });
  }

  async run(): Promise<void> {
    for (;;) {
      const asked = Date.now();
      const answer = await this.ask();
      const type = String(answer.headers["content-type"] ?? "");
      const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
      if (/^multipart\//i.test(type) && boundary) return await this.stream(answer, boundary);
      if (!/^(image\/|application\/octet-stream)/i.test(type)) {
        answer.body.destroy();
        throw new CameraError(
          "no_video",
          `the address answers with ${type || "no type"}, not with pictures`,
        );
      }
      this.single(await collect(answer));
      const { intervalMs = 1000 } = this.settings;
      await pause(Math.max(0, intervalMs - (Date.now() - asked)), this.signal);
      if (this.signal.aborted) return;
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  /** Asks, and once more with a login when the server wants one. */
  private async ask(): Promise<Answer> {
    let answer = await this.get();
    if (answer.statusCode === 401 && this.input.user) {
      await discard(answer);
      const header = answer.headers["www-authenticate"];
      this.authorization = { challenges: [header ?? []].flat() };
      answer = await this.get();
    }
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    await discard(answer);
    throw refusal(answer.statusCode);
  }

  private get(): Promise<Answer> {
    const url = new URL(this.input.url);
    const login = this.authorization
      ? authorize(this.authorization.challenges, "GET", url.pathname + url.search, this.input)
      : null;
    return request(url, {
      dispatcher: this.agent,
      signal: this.signal,
      headers: {
        accept: "image/*, multipart/x-mixed-replace",
        ...(login ? { authorization: login } : {}),
      },
    });
  }

  private async stream(answer: Answer, boundary: string): Promise<void> {
    const reader = new MultipartReader(boundary);
    for await (const chunk of answer.body) {
      reader.push(chunk as Buffer, (body) => {
        if (this.due()) this.picture(body, "mjpeg");
      });
    }
    throw new CameraError("stalled", "the camera ended its picture stream");
  }

  private single(data: Buffer): void {
    this.picture(data, "snapshot");
    if (this.brokenInRow >= BROKEN_LIMIT) {
      throw new CameraError("decode_error", "the camera sends pictures that cannot be decoded");
    }
  }

  /** Whether the wanted frame rate lets this picture through. */
  private due(): boolean {
    const { fps = 0 } = this.settings;
    if (fps <= 0) return true;
    const now = Date.now();
    const gap = 1000 / fps;
    if (now < this.nextAt - gap / 4) return false;
    this.nextAt = Math.max(this.nextAt, now - gap) + gap;
    return true;
  }

  private picture(data: Buffer, codec: string): void {
    try {
      const { width, height, type } = readPictureHeader(data);
      if (!this.known) {
        this.known = true;
        this.sink.info({ codec: codec === "mjpeg" ? codec : type, width, height, fps: null });
      }
      this.brokenInRow = 0;
      const shared = toShared(data);
      void this.sink.picture({
        width,
        height,
        format: "encoded",
        data: shared,
        capturedAt: Date.now(),
      });
    } catch (error) {
      this.brokenInRow++;
      this.sink.broken(error instanceof Error ? error.message : String(error));
    }
  }
}

async function collect(answer: Answer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += (chunk as Buffer).length;
    if (size > MAX_PICTURE_BYTES) {
      answer.body.destroy();
      throw new CameraError("decode_error", "the picture file is too large");
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

async function discard(answer: Answer): Promise<void> {
  await answer.body.dump({ limit: 1 << 20 }).catch(() => undefined);
}

function refusal(status: number): CameraError {
  if (status === 401 || status === 403)
    return new CameraError("auth_failed", "user or password refused");
  if (status === 404 || status === 410)
    return new CameraError("not_found", "the camera knows no such address");
  return new CameraError("unreachable", `the camera answers with status ${status}`);
}

function explain(error: unknown, input: HttpInput): CameraError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "UND_ERR_HEADERS_TIMEOUT") {
    return new CameraError("unreachable", "the camera does not answer in time");
  }
  if (code === "UND_ERR_BODY_TIMEOUT")
    return new CameraError("stalled", "the camera stopped sending");
  if (code === "ECONNREFUSED") {
    return new CameraError("unreachable", CONNECTION_REFUSED);
  }
  if (/^(ENOTFOUND|EAI_)/.test(code)) return new CameraError("unreachable", UNKNOWN_NAME);
  if (/^(ECONN|EHOST|ENET|ETIMEDOUT|EPIPE)/.test(code)) {
    return new CameraError("unreachable", `the camera does not answer (${code})`);
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return new CameraError(
      "unsupported",
      "the camera's certificate is not trusted; it can be allowed in the camera's settings",
    );
  }
  return toCameraError(error, [input.password]);
}
