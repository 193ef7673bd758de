import type { WebSocket } from "ws";
import type { EventFeed } from "../../adapters/events/feed";
import { gauge } from "../../adapters/metrics/metrics";
import type { StreamItem } from "../../core/events/stream";
import type { Principal } from "../auth/permissions";
import { CLOSE, StreamClient } from "./client";

export interface HubOptions {
  /** Between pings, and between looks at whether a login is still good, in ms. */
  heartbeatMs?: number;
  /** Connections a user may have. */
  perUser?: number;
  warn: (message: string) => void;
}

/** One connection that was let in. */
export interface Listener {
  /** Which stream: a key has one connection to each. */
  stream: string;
  principal: Principal;
  /** Who it is now; null where the credential is no longer good. Rejects where nobody can say. */
  recheck(): Promise<Principal | null>;
  render(item: StreamItem): string | null;
  /** The place after which it begins. */
  from?: number;
  /** Called once, when it has gone. */
  onGone?(): void;
}

interface Entry {
  listener: Listener;
  client: StreamClient;
  socket: WebSocket;
  /** It has answered the last ping. */
  alive: boolean;
}

const clients = gauge("plategate_stream_clients", "Listeners of event streams");

const HEARTBEAT_MS = 30_000;
const PER_USER = 20;

/** The listeners of a stream, whatever their dialect. */
export class StreamHub {
  private readonly entries = new Set<Entry>();
  private readonly timer: NodeJS.Timeout;
  private readonly forward = (item: StreamItem): void => {
    for (const { client } of this.entries) client.offer(item);
  };

  constructor(
    private readonly feed: EventFeed,
    private readonly options: HubOptions,
  ) {
    feed.on("item", this.forward);
    this.timer = setInterval(() => this.beat(), options.heartbeatMs ?? HEARTBEAT_MS);
    this.timer.unref();
  }

  get size(): number {
    return this.entries.size;
  }

  /** Whether this user has room for one more; a key always has: the new one replaces. */
  hasRoom({ kind, id }: Principal): boolean {
    return kind === "key" || this.of(id).length < (this.options.perUser ?? PER_USER);
  }

  /** Takes in a connection. */
  add(socket: WebSocket, listener: Listener): void {
    const { principal, stream } = listener;
    if (principal.kind === "key") {
      for (const old of this.of(principal.id)) {
        if (old.listener.stream !== stream) continue;
        old.socket.close(CLOSE.replaced, "replaced by a newer connection with this key");
        this.drop(old);
      }
    }
    const source = {
      seq: () => this.feed.seq,
      after: (seq: number, limit: number) => this.feed.after(seq, limit),
    };
    const failed = (error: unknown) =>
      this.options.warn(`event stream: ${error instanceof Error ? error.message : String(error)}`);
    const client = new StreamClient(socket, source, listener, failed);
    const entry: Entry = { listener, client, socket, alive: true };
    this.entries.add(entry);
    clients.inc();
    socket.on("pong", () => (entry.alive = true));
    socket.on("error", () => socket.terminate());
    socket.once("close", () => this.drop(entry));
  }

  /** Looks at once whether every login is still good: somebody's rights have changed. */
  recheckAll(): void {
    for (const entry of this.entries) void this.recheck(entry);
  }

  /** Ends every connection; clients come back and go on where they were. */
  close(): void {
    clearInterval(this.timer);
    this.feed.off("item", this.forward);
    for (const entry of [...this.entries]) {
      entry.socket.close(CLOSE.restart, "restarting");
      // who does not answer the close is cut off
      setTimeout(() => entry.socket.terminate(), 1_000).unref();
      this.drop(entry);
    }
  }

  private of(id: string): Entry[] {
    return [...this.entries].filter(({ listener }) => listener.principal.id === id);
  }

  private drop(entry: Entry): void {
    if (!this.entries.delete(entry)) return;
    clients.dec();
    entry.listener.onGone?.();
  }

  private beat(): void {
    for (const entry of this.entries) {
      if (!entry.alive) {
        entry.socket.terminate();
        continue;
      }
      entry.alive = false;
      entry.socket.ping();
      void this.recheck(entry);
    }
  }

  /** Closes a connection whose login has ended, or may no longer listen. */
  private async recheck({ listener, socket }: Entry): Promise<void> {
    let now: Principal | null;
    try {
      now = await listener.recheck();
    } catch {
      return; // the database is away: nobody can say, keep it
    }
    if (!now) socket.close(CLOSE.unauthenticated, "the login has ended");
    else if (!now.permissions.has("stream")) socket.close(CLOSE.forbidden, "no longer allowed");
  }
}
