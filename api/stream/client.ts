import type { WebSocket } from "ws";
import type { StreamItem } from "../../core/events/stream";

/** Beyond so many bytes that wait for the client, it is behind and reads from the record. */
const HIGH_BYTES = 256 * 1024;
const SLOW_MS = 30_000;
/** Events read at once for who is behind. */
const PAGE = 100;

/** Close codes: RFC 6455, and ours. */
export const CLOSE = {
  restart: 1012,
  slow: 1013,
  unauthenticated: 4401,
  forbidden: 4403,
  replaced: 4409,
} as const;

/** Where a client's events come from. */
export interface ClientSource {
  /** Place of the newest event that was given out. */
  seq(): number;
  after(seq: number, limit: number): Promise<{ items: StreamItem[]; through: number }>;
}

export interface ClientOptions {
  /** The text of a message; null where this client does not get the event. */
  render(item: StreamItem): string | null;
  /** The place after which it begins; the newest where it is left out. */
  from?: number;
  /** So long it may take for what waits, in ms. */
  slowMs?: number;
}

/**
 * One listener. It is live while it keeps up; one that is slow, or comes back, reads
 * from the record until it has caught up. So memory is bounded, and nothing is left
 * out or sent twice. Who takes too long is closed and may come back.
 */
export class StreamClient {
  private cursor: number;
  private live: boolean;
  private flushed: Promise<void> = Promise.resolve();

  constructor(
    readonly socket: WebSocket,
    private readonly source: ClientSource,
    private readonly options: ClientOptions,
    private readonly failed: (error: unknown) => void,
  ) {
    this.cursor = options.from ?? source.seq();
    this.live = this.cursor >= source.seq();
    if (!this.live) this.catchUp();
  }

  /** A new event; one that is behind finds it in the record. */
  offer(item: StreamItem): void {
    if (!this.live || item.seq <= this.cursor) return;
    if (this.socket.bufferedAmount > HIGH_BYTES) {
      this.live = false;
      this.catchUp();
      return;
    }
    this.take(item);
  }

  private take(item: StreamItem): void {
    this.cursor = item.seq;
    const text = this.options.render(item);
    if (text === null) return;
    this.flushed = new Promise((resolve) => this.socket.send(text, () => resolve()));
  }

  private catchUp(): void {
    this.readOn().catch((error: unknown) => {
      this.failed(error);
      this.socket.close(CLOSE.slow, "the record is not available, come back later");
    });
  }

  private async readOn(): Promise<void> {
    for (;;) {
      if (!(await this.drained())) {
        this.socket.close(CLOSE.slow, "too slow, come back with last_event_id");
        return;
      }
      if (this.cursor >= this.source.seq()) {
        this.live = true;
        return;
      }
      const before = this.cursor;
      const newest = this.source.seq();
      const { items, through } = await this.source.after(before, PAGE);
      for (const item of items) this.take(item);
      // no place after ours although there are newer ones: they are forgotten by now
      this.cursor = through > before ? through : newest;
    }
  }

  /** Waits until the client has taken what was sent. @returns false where it does not */
  private async drained(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), this.options.slowMs ?? SLOW_MS);
    });
    const taken = await Promise.race([this.flushed.then(() => true), late]);
    clearTimeout(timer);
    return taken && this.socket.readyState === this.socket.OPEN;
  }
}
