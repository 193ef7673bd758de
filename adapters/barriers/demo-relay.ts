import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface DemoRelayEntry {
  /** ms since the epoch. */
  at: number;
  on: boolean;
  /** "request" from outside or "timer": the device's own toggle_after. */
  by: "request" | "timer";
  toggleAfterMs: number | null;
}

/** Entries kept; older ones are forgotten. */
const LOG_LIMIT = 500;

/**
 * A relay in software that speaks the Shelly Gen2 dialect on HTTP, with
 * `toggle_after` timed by itself as the device does: for the demo gate and tests.
 * Listens on loopback alone.
 */
export class DemoRelay {
  readonly log: DemoRelayEntry[] = [];
  private readonly server = createServer((request, response) => this.serve(request, response));
  private readonly listeners = new Set<(on: boolean) => void>();
  private timer: NodeJS.Timeout | null = null;
  private on = false;

  /** @returns its address, e.g. "http://127.0.0.1:41234" */
  start(port = 0): Promise<string> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, "127.0.0.1", () => {
        this.server.off("error", reject);
        resolve(this.url);
      });
    });
  }

  get url(): string {
    const address = this.server.address() as AddressInfo | null;
    if (!address) throw new Error("the relay is not started");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Whether the contact is closed (the gate's open input energised). */
  get output(): boolean {
    return this.on;
  }

  /** Calls `listener` at each change of the output; returns how to stop that. */
  watch(listener: (on: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  stop(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.listeners.clear();
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://relay");
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    switch (url.pathname) {
      case "/rpc/Switch.Set":
        this.switchSet(url.searchParams, answer);
        return;
      case "/rpc/Switch.GetStatus":
        answer(200, this.switchStatus());
        return;
      case "/rpc/Shelly.GetStatus":
        answer(200, { "switch:0": this.switchStatus() });
        return;
      case "/log":
        answer(200, { output: this.on, log: this.log });
        return;
      default:
        answer(404, { code: 404, message: `No handler for ${url.pathname}` });
    }
  }

  private switchSet(query: URLSearchParams, answer: (status: number, body: unknown) => void): void {
    const on = query.get("on");
    const after = query.get("toggle_after");
    const seconds = after === null ? null : Number(after);
    const badTime = seconds !== null && !(Number.isFinite(seconds) && seconds > 0);
    if (query.get("id") !== "0") {
      answer(500, { code: -105, message: `Argument 'id', value ${query.get("id")} not found!` });
    } else if ((on !== "true" && on !== "false") || badTime) {
      answer(500, { code: -103, message: "Invalid argument" });
    } else {
      const before = this.on;
      this.set(on === "true", "request", seconds === null ? null : seconds * 1000);
      answer(200, { was_on: before });
    }
  }

  private switchStatus(): Record<string, unknown> {
    return { id: 0, source: "HTTP_in", output: this.on };
  }

  private set(on: boolean, by: DemoRelayEntry["by"], toggleAfterMs: number | null): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const changed = this.on !== on;
    this.on = on;
    this.log.push({ at: Date.now(), on, by, toggleAfterMs });
    if (this.log.length > LOG_LIMIT) this.log.shift();
    if (toggleAfterMs !== null) {
      this.timer = setTimeout(() => this.set(!on, "timer", null), toggleAfterMs);
    }
    if (changed) for (const listener of this.listeners) listener(on);
  }
}
