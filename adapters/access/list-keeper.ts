import { createHash } from "node:crypto";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { prepareIndex } from "../../core/access/index-lists";
import type { InlineEntries } from "../../core/access/inline-list";
import { inlineSnapshot, withInline } from "../../core/access/inline-list";
import type { AccessRepository } from "../../core/access/ports";
import type { AccessSnapshot } from "../../core/access/types";

/** Where lists come from; asked again while it fails. */
export type OpenRepository = () => AccessRepository | Promise<AccessRepository>;

export interface ListKeeperOptions {
  /** Null = what was typed alone. */
  store: OpenRepository | null;
  inline: InlineEntries;
  /** For how long the last good lists count once the store is gone. */
  graceMs: number;
  /** How often to look for changes made by other processes. */
  pollMs?: number;
  onChange: () => void;
  /**
   * The store cannot be read; it is tried again.
   * @param news true once an outage, and once more when the old lists end: worth a line in the log
   */
  onError: (error: Error, news: boolean) => void;
  now?: () => number;
}

/** A passage that comes while the lists are read for the first time waits so long for them. */
const FIRST_LOOK_MS = 5000;

/**
 * Keeps the lists in memory, so that a decision waits for nobody: reads them again when
 * they change, and gives them up when the store has been gone for too long.
 */
export class ListKeeper {
  private lists: AccessSnapshot | null = null;
  private storedVersion: string | null = null;
  private goodAt = 0;
  private repository: AccessRepository | null = null;
  private stopListening: (() => void) | null = null;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private again = false;
  private looked = false;
  private closed = false;
  private failed = false;
  private told: "old lists" | "no lists" | null = null;
  private readonly now: () => number;
  private readonly inlineVersion: string;

  constructor(private readonly options: ListKeeperOptions) {
    this.now = options.now ?? Date.now;
    const content = JSON.stringify(options.inline);
    this.inlineVersion = `inline-${createHash("sha256").update(content).digest("hex").slice(0, 12)}`;
  }

  /** Reads the lists and goes on watching for changes; never rejects. */
  async start(): Promise<void> {
    if (!this.options.store) {
      this.lists = inlineSnapshot(this.options.inline, this.inlineVersion);
      this.options.onChange();
      return;
    }
    await this.refresh();
    if (this.closed) return;
    this.timer = setInterval(() => void this.refresh(), this.options.pollMs ?? 2000);
    this.timer.unref();
  }

  /** Resolves when the store was looked at for the first time, or after some seconds. */
  async firstLook(): Promise<void> {
    if (this.lists === null && this.running && !this.looked) {
      await Promise.race([this.running, delay(FIRST_LOOK_MS, undefined, { ref: false })]);
      this.looked = true;
    }
  }

  /** The lists to decide by; null where there are none that may be trusted any more. */
  current(): AccessSnapshot | null {
    if (this.options.store && this.now() - this.goodAt > this.options.graceMs) return null;
    return this.lists;
  }

  /** Whether the last look at the store went well. */
  get healthy(): boolean {
    return this.lists !== null && !this.failed;
  }

  /** The store, once it could be opened. */
  get store(): AccessRepository | null {
    return this.repository;
  }

  /** One look at a time; a change during it brings another one. */
  private refresh(): Promise<void> {
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.refreshOnce().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async refreshOnce(): Promise<void> {
    do {
      this.again = false;
      try {
        await this.read();
        this.failed = false;
        this.told = null;
      } catch (error) {
        this.failed = true;
        if (!this.closed) this.tellOutage(toError(error));
      }
    } while (this.again && !this.closed);
  }

  private tellOutage(error: Error): void {
    const now = this.current() ? "old lists" : "no lists";
    const news = now !== this.told;
    this.told = now;
    this.options.onError(error, news);
  }

  private async read(): Promise<void> {
    const repository = await this.open();
    const version = await repository.listVersion();
    if (!this.lists || version !== this.storedVersion) {
      const stored = await repository.snapshot();
      const lists = withInline(stored, this.options.inline, this.inlineVersion);
      await prepareIndex(lists, nextTurn);
      this.storedVersion = stored.version;
      this.lists = lists;
      this.goodAt = this.now();
      if (!this.closed) this.options.onChange();
      return;
    }
    this.goodAt = this.now();
    if (this.failed && !this.closed) this.options.onChange();
  }

  private async open(): Promise<AccessRepository> {
    if (this.repository) return this.repository;
    if (!this.options.store) throw new Error("no store chosen");
    const repository = await this.options.store();
    if (this.closed) throw new Error("closed meanwhile");
    this.repository = repository;
    this.stopListening = repository.onChange(() => void this.refresh());
    return repository;
  }

  /** Stops watching. The store itself is its config node's to close. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.timer) clearInterval(this.timer);
    this.stopListening?.();
    await this.running;
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
