import { randomUUID } from "node:crypto";
import { StoreError } from "../../core/events/errors";
import type { ComponentHealth } from "../../core/events/ports";
import type { OutboxRepository, OutboxTarget } from "../../core/outbox/ports";
import type { OutboxItem, TargetReport } from "../../core/outbox/types";
import type { OutboxFeed } from "./feed";
import { LEASE_MS, TargetRunner } from "./runner";

export interface OutboxParts {
  /** Rejects while the database is away. */
  repository: () => Promise<OutboxRepository>;
  feed: OutboxFeed;
  log: (level: "info" | "warn" | "error", message: string) => void;
  /** Processes may commit out of order: items are read this long after they were made. */
  settleMs: number;
  clock?: () => number;
}

/** Delivered items are remembered this long, to be seen and to tell doubles. */
const REMEMBER_MS = 3_600_000;
/** How often waiting items are counted and old ones forgotten. */
const HOUSEKEEPING_MS = 10_000;
/** How often an idle target looks for what others wrote: on a server's database, on a file of our own. */
const SHARED_LOOK_MS = 2_000;
const ALONE_LOOK_MS = 15_000;
/** How often leases are renewed, also while deliveries take long. */
const HEARTBEAT_MS = 5_000;
/** Deliveries under way have this long to end when the process stops. */
const STOP_MS = 3_000;
/** After a failure of the database. */
const DATABASE_RETRY_MS = 3_000;

interface Served {
  target: OutboxTarget;
  runner: TargetRunner;
  timer: NodeJS.Timeout | null;
  turning: Promise<void> | null;
  /** Cuts its deliveries off. */
  abort: AbortController;
  /** Woken while it was at work. */
  again: boolean;
}

/**
 * Sends what waits in the outbox: a loop per target, so that one that fails holds up
 * no other. Targets come and go while it runs.
 */
export class OutboxService {
  private readonly owner = randomUUID();
  private readonly served = new Map<string, Served>();
  /** Turns under way, also of targets that were taken away meanwhile. */
  private readonly turns = new Set<Promise<void>>();
  private readonly clock: () => number;
  private readonly timers: NodeJS.Timeout[] = [];
  private lastReports: TargetReport[] = [];
  private unwatch: (() => void) | null = null;
  private stopping = false;
  private readonly leaving = new WeakMap<OutboxTarget, Promise<void>>();

  constructor(private readonly parts: OutboxParts) {
    this.clock = parts.clock ?? Date.now;
  }

  get feed(): OutboxFeed {
    return this.parts.feed;
  }

  /** What waits and what was given up. Rejects with a StoreError while the database is away. */
  repository(): Promise<OutboxRepository> {
    return this.parts.repository();
  }

  /**
   * Adds a target, or puts another in the place of one with the same id.
   * @returns takes it away again; what waits for it stays
   */
  register(target: OutboxTarget): () => Promise<void> {
    const { targets } = this.parts.feed;
    const before = targets.get(target.id);
    // no event falls between the old one and the new one
    targets.set(target.id, target);
    const begin = (changed: boolean) => {
      if (this.unwatch && targets.get(target.id) === target) this.serve(target, changed);
    };
    // what was wrong with the old one may be right in the new
    if (before) void this.unregister(before).then(() => begin(true));
    else begin(false);
    return () => this.unregister(target);
  }

  /**
   * Adds an item for a target. Rejects with StoreError "bound" where too many wait.
   * @returns the item's id
   */
  async enqueue(
    target: string,
    what: Pick<OutboxItem, "lane" | "kind" | "eventId" | "payload"> & { key?: string },
  ): Promise<string> {
    const { feed, repository } = this.parts;
    if (!feed.hasRoom(target)) {
      feed.refuse(target);
      throw new StoreError("bound", "too much waits for this target: nothing more is taken");
    }
    const item = feed.item(target, what);
    await (await repository()).add([item]);
    feed.written([item]);
    return item.id;
  }

  /** Begins to send. Harmless when it has begun. */
  start(): void {
    if (this.unwatch || this.stopping) return;
    this.unwatch = this.parts.feed.onWake((targets) => {
      for (const id of targets) this.wake(id);
    });
    for (const target of this.parts.feed.targets.values()) this.serve(target, false);
    void this.keepHouse();
    this.timers.push(
      setInterval(() => void this.keepHouse(), HOUSEKEEPING_MS).unref(),
      setInterval(() => void this.renew(), HEARTBEAT_MS).unref(),
    );
  }

  /** Tries a target at once, whatever its waiting time. */
  retryNow(target: string): void {
    this.served.get(target)?.runner.retryNow();
    this.wake(target);
  }

  health(): ComponentHealth {
    const sum = (of: (report: TargetReport) => number) =>
      this.lastReports.reduce((total, report) => total + of(report), 0);
    const known = this.lastReports.filter(({ target }) => this.parts.feed.targets.has(target));
    const failing = known.filter(({ failures }) => failures > 0);
    const dead = sum((report) => report.dead);
    const refused = sum((report) => report.refused?.count ?? 0);
    const oldest = Math.min(...this.lastReports.map(({ oldestAt }) => oldestAt ?? Infinity));
    return {
      status: failing.length + dead + refused > 0 ? "degraded" : "healthy",
      responseTimeMs: 0,
      error: failing.length > 0 ? failing.map(({ target }) => `${target} fails`).join(", ") : null,
      details: {
        targets: this.parts.feed.targets.size,
        waiting: sum((report) => report.waiting),
        dead,
        refused,
        failing: failing.length,
        oldest_seconds: Number.isFinite(oldest) ? Math.round((this.clock() - oldest) / 1000) : 0,
      },
    };
  }

  /** Lets deliveries under way end for a moment, then stops; what waits stays. */
  async close(): Promise<void> {
    this.stopping = true;
    this.unwatch?.();
    for (const timer of this.timers) clearInterval(timer);
    const targets = [...this.parts.feed.targets.values()];
    await Promise.all(targets.map((target) => this.unregister(target)));
    // a turn that was just beginning may still take a lease
    await Promise.all(this.turns);
    if (this.unwatch) await this.release();
  }

  private async renew(): Promise<void> {
    if (this.served.size === 0) return;
    try {
      await (await this.parts.repository()).renew(this.owner, this.clock() + LEASE_MS);
    } catch {
      // the runners ask for their leases again, each with its own error
    }
  }

  private async release(): Promise<void> {
    try {
      await (await this.parts.repository()).release(this.owner);
    } catch (error) {
      this.parts.log("warn", `the outbox is left to its time limit: ${String(error)}`);
    }
  }

  /** Waits for deliveries under way. Never rejects; a second call waits for the first. */
  private unregister(target: OutboxTarget): Promise<void> {
    let leaving = this.leaving.get(target);
    if (!leaving) {
      leaving = this.leave(target).catch((error: unknown) =>
        this.parts.log("warn", `${target.name} did not close: ${String(error)}`),
      );
      this.leaving.set(target, leaving);
    }
    return leaving;
  }

  private async leave(target: OutboxTarget): Promise<void> {
    const { targets } = this.parts.feed;
    if (targets.get(target.id) === target) targets.delete(target.id);
    const entry = this.served.get(target.id);
    if (entry?.target === target) {
      this.served.delete(target.id);
      if (entry.timer) clearTimeout(entry.timer);
      const late = setTimeout(() => entry.abort.abort(), STOP_MS);
      await entry.turning;
      clearTimeout(late);
    }
    await target.close();
  }

  private serve(target: OutboxTarget, atOnce: boolean): void {
    const { repository, feed, settleMs } = this.parts;
    const abort = new AbortController();
    const runner = new TargetRunner(target, {
      repository,
      owner: this.owner,
      clock: this.clock,
      random: Math.random,
      lookAgainMs: settleMs > 0 ? SHARED_LOOK_MS : ALONE_LOOK_MS,
      readableTo: (now) => feed.positionAt(now - settleMs),
      signal: abort.signal,
      stopping: () => this.stopping || this.served.get(target.id)?.target !== target,
    });
    const entry: Served = { target, runner, timer: null, turning: null, abort, again: false };
    this.served.set(target.id, entry);
    if (atOnce) runner.retryNow();
    this.run(entry);
  }

  private wake(id: string): void {
    const entry = this.served.get(id);
    if (!entry) return;
    if (entry.turning) entry.again = true;
    else this.schedule(entry, this.clock() + this.parts.settleMs);
  }

  private schedule(entry: Served, at: number): void {
    if (this.stopping || this.served.get(entry.target.id) !== entry) return;
    if (entry.timer) clearTimeout(entry.timer);
    const wait = Math.min(Math.max(0, at - this.clock()), 60_000);
    entry.timer = setTimeout(() => this.run(entry), wait);
    entry.timer.unref();
  }

  private run(entry: Served): void {
    entry.timer = null;
    entry.again = false;
    let next = 0;
    const turning = entry.runner
      .turn()
      .then((at) => void (next = at))
      .catch((error: unknown) => {
        this.parts.log("warn", `outbox of ${entry.target.name}: ${String(error)}`);
        next = this.clock() + DATABASE_RETRY_MS;
      })
      .finally(() => {
        entry.turning = null;
        this.turns.delete(turning);
        this.schedule(entry, entry.again ? this.clock() + this.parts.settleMs : next);
      });
    entry.turning = turning;
    this.turns.add(turning);
  }

  private async keepHouse(): Promise<void> {
    const { feed, log } = this.parts;
    try {
      const repository = await this.parts.repository();
      for (const [target, refusals] of feed.takeRefusals()) {
        log("error", `${refusals.count} items for ${target} were not taken: too many wait`);
        await repository.refused(target, refusals);
      }
      this.lastReports = await repository.reports();
      for (const target of feed.targets.keys()) feed.counted(target, 0);
      for (const { target, waiting } of this.lastReports) feed.counted(target, waiting);
      await repository.purge(this.clock() - REMEMBER_MS);
    } catch (error) {
      log("warn", `the outbox cannot be counted: ${String(error)}`);
    }
  }
}
