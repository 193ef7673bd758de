import { authorize } from "../cameras/http-auth";
import { MultipartReader } from "../cameras/multipart";
import { Outbound, type OutboundStream } from "../outbound/outbound";
import { isPicture, type ReportPart } from "./assembler";

export interface StreamOptions {
  url: string;
  user: string;
  password: string;
  /** A stream that is silent for longer is made again (ms); cameras send heartbeats. */
  stallMs: number;
  /** Accept certificates that no authority signed. */
  insecureTls: boolean;
}

export type StreamState = "connecting" | "live" | "refused" | "lost" | "wrong";

export interface StreamCallbacks {
  part: (part: ReportPart) => void;
  /** @param reason for people, without secrets */
  state: (state: StreamState, reason: string) => void;
  /** The connection ended: what waits for more parts gets none. */
  ended: () => void;
}

const FIRST_WAIT_MS = 1_000;
const MOST_WAIT_MS = 30_000;

/** A camera that names no lengths has said all of a part when it is silent for so long (ms). */
const QUIET_MS = 250;

/** A picture up to its last marker, an alert up to its last tag, lines up to a line's end. */
function looksWhole(body: Buffer): boolean {
  const end = body.subarray(-64).toString("latin1").trimEnd();
  if (isPicture(body)) return end.endsWith("\xff\xd9") || end.endsWith("IEND\xaeB`\x82");
  if (body.subarray(0, 64).toString("latin1").trimStart().startsWith("<")) {
    return end.endsWith("</EventNotificationAlert>");
  }
  return body.at(-1) === 0x0a && body.includes("=");
}

/** Something is wrong that time alone does not mend. */
class StreamError extends Error {
  constructor(
    readonly state: StreamState,
    message: string,
  ) {
    super(message);
  }
}

/**
 * A camera's stream of reports: connects with Basic or Digest, reads parts, and
 * connects again with growing, jittered waits for as long as it is open.
 */
export class ReportStream {
  private readonly stopping = new AbortController();
  private readonly outbound: Outbound;
  private readonly running: Promise<void>;
  private wake: (() => void) | null = null;

  /** @throws TypeError for an address that is none */
  constructor(
    private readonly options: StreamOptions,
    private readonly callbacks: StreamCallbacks,
  ) {
    new URL(options.url);
    this.outbound = new Outbound({ tls: { rejectUnauthorized: !options.insecureTls } });
    this.running = this.run();
  }

  /** Resolves when the connection is gone. */
  async close(): Promise<void> {
    this.stopping.abort();
    this.wake?.();
    await this.outbound.close();
    await this.running;
  }

  private async run(): Promise<void> {
    const { state, ended } = this.callbacks;
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      state("connecting", "");
      const began = Date.now();
      try {
        await this.once();
      } catch (error) {
        if (signal.aborted) break;
        const known = error instanceof StreamError ? error.state : "lost";
        // a refused password is not tried soon again: cameras lock accounts
        failures = known === "lost" ? (Date.now() - began > MOST_WAIT_MS ? 1 : failures + 1) : 10;
        state(known, error instanceof Error ? error.message : String(error));
      } finally {
        ended();
      }
      await this.pause(Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 10)));
    }
  }

  /** One connection. Rejects at its end, whatever ended it. */
  private async once(): Promise<never> {
    const answer = await this.ask();
    const type = String(answer.headers["content-type"] ?? "");
    const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
    if (answer.status !== 200 || !boundary) {
      letGo(answer);
      if (answer.status === 401 || answer.status === 403) {
        throw new StreamError("refused", "user or password refused");
      }
      const what = answer.status === 200 ? type || "no type" : `HTTP ${answer.status}`;
      throw new StreamError("wrong", `the camera answers with ${what}, not with a stream`);
    }
    this.callbacks.state("live", "");
    const reader = new MultipartReader(boundary);
    const take = (body: Buffer, head: string): void => this.callbacks.part({ body, head });
    let quiet: NodeJS.Timeout | undefined;
    try {
      for await (const chunk of answer.body) {
        clearTimeout(quiet);
        reader.push(chunk as Buffer, take);
        quiet = setTimeout(() => reader.idle(looksWhole, take), QUIET_MS);
      }
    } finally {
      clearTimeout(quiet);
    }
    throw new StreamError("lost", "the camera ended its stream");
  }

  /** Asks, and once more with a login where the camera wants one. */
  private async ask(): Promise<OutboundStream> {
    const { url, user } = this.options;
    const first = await this.open({});
    if (first.status !== 401 || user === "") return first;
    letGo(first);
    const challenges = [first.headers["www-authenticate"] ?? []].flat();
    const { pathname, search } = new URL(url);
    const login = authorize(challenges, "GET", pathname + search, this.options);
    return this.open(login ? { authorization: login } : {});
  }

  private open(headers: Record<string, string>): Promise<OutboundStream> {
    const { url, stallMs } = this.options;
    return this.outbound.open(url, { headers, stallMs, signal: this.stopping.signal });
  }

  /** A random half is left out, so that many cameras do not come back in one moment. */
  private pause(ms: number): Promise<void> {
    if (this.stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms * (1 - Math.random() / 2));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Ends an answer whose body nobody reads; what its end says is of no interest. */
function letGo({ body }: OutboundStream): void {
  body.on("error", () => undefined);
  body.destroy();
}
