import { randomBytes } from "node:crypto";
import { counter } from "../metrics/metrics";
import { CameraError, toCameraError } from "./errors";
import { secretsOf } from "./address";
import { FrameRate } from "./frame-rate";
import type {
  CameraCallbacks,
  CameraSettings,
  CameraSource,
  CameraState,
  CameraStats,
  RawPicture,
  Session,
  SessionSink,
} from "./types";

export type StartSession = (settings: CameraSettings, sink: SessionSink) => Session;

const framesTotal = counter("plategate_frames_total", "Frames that came from cameras", ["camera"]);
const droppedTotal = counter(
  "plategate_frames_dropped_total",
  "Frames of cameras dropped because nothing took them in time",
  ["camera"],
);
const brokenTotal = counter(
  "plategate_frames_broken_total",
  "Pictures of cameras that could not be decoded",
  ["camera"],
);
const reconnectsTotal = counter(
  "plategate_camera_reconnects_total",
  "Connections to cameras that broke or failed",
  ["camera"],
);

/** A refused password is not tried again sooner: cameras lock accounts. */
const AUTH_RETRY_MS = 30_000;
/** Pause before a film that cannot be rewound is opened again. */
const REOPEN_MS = 200;
/** A connection that lived so long begins with the shortest wait again. */
const STEADY_MS = 30_000;

/**
 * Keeps one camera running: connects, watches for stalls, connects again with growing,
 * jittered waits, and hands on the newest frame.
 */
export class Supervisor implements CameraSource {
  readonly finished: Promise<CameraState>;
  private current: CameraState = {
    state: "connecting",
    error: null,
    retryInMs: null,
    attempt: 0,
    info: null,
  };
  private readonly counts = { frames: 0, dropped: 0, broken: 0, reconnects: 0 };
  private lastBroken: string | null = null;
  private readonly rate = new FrameRate();
  private readonly run = randomBytes(4).toString("hex");
  private readonly stopping = new AbortController();
  private readonly abort = new Promise<void>((resolve) => {
    this.stopping.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  private readonly delivery: Delivery;
  private seq = 0;

  constructor(
    private readonly settings: CameraSettings,
    private readonly start: StartSession,
    private readonly callbacks: CameraCallbacks,
  ) {
    this.delivery = new Delivery(callbacks, () => {
      this.counts.dropped++;
      droppedTotal.inc({ camera: settings.cameraId });
    });
    this.finished = this.work().then(() => this.current);
  }

  get state(): CameraState {
    return this.current;
  }

  stats(): CameraStats {
    return { ...this.counts, lastBroken: this.lastBroken, fps: this.rate.perSecond(Date.now()) };
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.finished;
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async work(): Promise<void> {
    for (let attempt = 0; !this.stopped;) {
      const began = Date.now();
      const error = await this.connection();
      if (this.stopped) break;
      if (!error && this.settings.loop && this.settings.input.kind === "file") {
        // A container that ffmpeg cannot rewind: open it anew.
        await pause(REOPEN_MS, this.stopping.signal);
        continue;
      }
      if (!error) return this.show({ state: "ended", error: null, retryInMs: null });
      const shown = { code: error.code, message: error.message };
      if (!this.retries()) return this.show({ state: "failed", error: shown, retryInMs: null });
      attempt = Date.now() - began > STEADY_MS ? 1 : attempt + 1;
      const retryInMs = this.wait(attempt, error);
      this.counts.reconnects++;
      reconnectsTotal.inc({ camera: this.settings.cameraId });
      this.show({ state: "reconnecting", error: shown, retryInMs, attempt });
      await pause(retryInMs, this.stopping.signal);
    }
    this.show({ state: "closed", error: null, retryInMs: null });
  }

  /** One connection; returns what ended it, or null at a natural end. */
  private async connection(): Promise<CameraError | null> {
    const { connectTimeoutMs = 10_000, stallMs = 10_000 } = this.settings;
    const watchdog = new Watchdog();
    const session = this.start(this.settings, {
      picture: (picture) => {
        watchdog.expect(stallMs, "stalled");
        return this.take(picture, watchdog, stallMs);
      },
      broken: (reason) => this.skip(reason),
      info: (info) => this.show({ info }),
    });
    watchdog.expect(connectTimeoutMs, "unreachable");
    try {
      await Promise.race([session.done, watchdog.barked, this.abort]);
      return null;
    } catch (error) {
      return toCameraError(error, secretsOf(this.settings.input));
    } finally {
      watchdog.end();
      await session.stop();
    }
  }

  private take(raw: RawPicture, watchdog: Watchdog, stallMs: number): void | Promise<void> {
    const { cameraId, laneId } = this.settings;
    const seq = this.seq++;
    this.counts.frames++;
    framesTotal.inc({ camera: cameraId });
    this.rate.add(Date.now());
    if (this.current.state !== "live") {
      this.show({ state: "live", error: null, retryInMs: null, attempt: 0 });
    }
    const frame = { ...raw, id: `${cameraId}-${this.run}-${seq}`, cameraId, laneId, seq };
    if (this.settings.pace !== "consumer") return this.delivery.offer(frame);
    watchdog.end();
    return Promise.resolve(this.callbacks.onFrame(frame)).then(() => {
      watchdog.expect(stallMs, "stalled");
    });
  }

  private skip(reason: string): void {
    this.counts.broken++;
    brokenTotal.inc({ camera: this.settings.cameraId });
    this.lastBroken = reason;
    this.callbacks.onBroken?.(reason);
  }

  private retries(): boolean {
    const { retry, input, loop, watch } = this.settings;
    if (retry !== undefined) return retry;
    return (input.kind !== "file" && input.kind !== "folder") || Boolean(loop) || Boolean(watch);
  }

  /** Doubles with each failure, up to the longest, less up to half by chance. */
  private wait(attempt: number, error: CameraError): number {
    const { first, most } = this.settings.backoffMs ?? { first: 1000, most: 30_000 };
    const whole = Math.min(most, first * 2 ** Math.min(attempt - 1, 20));
    const jittered = whole * (0.5 + Math.random() / 2);
    return Math.round(
      error.code === "auth_failed" ? Math.max(jittered, Math.min(most, AUTH_RETRY_MS)) : jittered,
    );
  }

  private show(change: Partial<CameraState>): void {
    this.current = { ...this.current, ...change };
    this.callbacks.onState?.(this.current);
  }
}

type Frame = Parameters<CameraCallbacks["onFrame"]>[0];

/** Hands frames to the consumer one at a time; while it is busy only the newest waits. */
class Delivery {
  private busy = false;
  private waiting: Frame | null = null;

  constructor(
    private readonly callbacks: CameraCallbacks,
    private readonly onDropped: () => void,
  ) {}

  offer(frame: Frame): void {
    if (this.busy) {
      if (this.waiting) this.onDropped();
      this.waiting = frame;
      return;
    }
    const taken = this.callbacks.onFrame(frame);
    if (!(taken instanceof Promise)) return;
    this.busy = true;
    const next = (): void => {
      this.busy = false;
      const newest = this.waiting;
      this.waiting = null;
      if (newest) this.offer(newest);
    };
    taken.then(next, next);
  }
}

/** Rejects `barked` when nothing was heard for too long. */
class Watchdog {
  readonly barked: Promise<never>;
  private bark: (error: CameraError) => void = () => undefined;
  private timer: NodeJS.Timeout | null = null;

  constructor() {
    this.barked = new Promise<never>((_resolve, reject) => {
      this.bark = reject;
    });
    this.barked.catch(() => undefined);
  }

  expect(ms: number, code: "stalled" | "unreachable"): void {
    this.end();
    const message =
      code === "stalled"
        ? `no picture for ${Math.round(ms / 1000)} s`
        : `no first picture within ${Math.round(ms / 1000)} s`;
    this.timer = setTimeout(() => this.bark(new CameraError(code, message)), ms);
  }

  end(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}

/** Waits; ends at once when `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish, { once: true });
  });
}
