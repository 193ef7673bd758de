import type { Delivery, OutboxRepository, OutboxTarget } from "../../core/outbox/ports";
import { afterTry, byLane, laneDelay, settle, type Settlement } from "../../core/outbox/settle";
import type { OutboxItem, Outcome, TargetState } from "../../core/outbox/types";

export interface RunnerParts {
  /** Rejects while the database is away. */
  repository: () => Promise<OutboxRepository>;
  /** Names this process among those that share the database. */
  owner: string;
  clock: () => number;
  random: () => number;
  /** When a target with nothing to do looks for what another process wrote, in ms. */
  lookAgainMs: number;
  /** Items up to this position can be read in their order. */
  readableTo: (now: number) => number;
  /** Cuts deliveries off. */
  signal: AbortSignal;
  /** No delivery begins any more. */
  stopping: () => boolean;
}

/** How long a process has a target to itself without renewing; after a crash the next waits for it. */
export const LEASE_MS = 20_000;
/** Items that are read at once. */
const BATCH = 200;
/** Results are written at least this often. */
const SETTLE_MS = 500;
/** When a target that another process serves is asked for again. */
const ASK_AGAIN_MS = 5_000;

/** Sends what waits for one target. */
export class TargetRunner {
  private state: TargetState | null = null;
  private leasedUntil = 0;
  /** The target's waiting time does not count for the next try. */
  private atOnce = false;
  /** Lanes whose first item failed, until when they wait. */
  private readonly lanes = new Map<string, number>();

  constructor(
    private readonly target: OutboxTarget,
    private readonly parts: RunnerParts,
  ) {}

  /**
   * Sends everything that can be sent now. Rejects where the database fails.
   * @returns when to call again (ms since the epoch)
   */
  async turn(): Promise<number> {
    const { clock, stopping } = this.parts;
    while (!stopping()) {
      const now = clock();
      const state = await this.hold(now);
      if (!state) return now + ASK_AGAIN_MS;
      if (state.retryAt > now && !this.atOnce) return state.retryAt;
      const opens = this.target.opensAt?.(now) ?? now;
      if (opens > now) return opens;
      const items = await this.next(now);
      if (items.length === 0) return this.idleUntil(now);
      const ready = this.atOnce ? { ...state, retryAt: 0 } : state;
      this.atOnce = false;
      this.state = await this.send(items, ready);
    }
    return clock() + this.parts.lookAgainMs;
  }

  /** A person asked for it, or put the target right: waiting times are forgotten. */
  retryNow(): void {
    this.lanes.clear();
    this.atOnce = true;
  }

  /** How the target is doing, where this process may send to it. */
  private async hold(now: number): Promise<TargetState | null> {
    if (this.state && this.leasedUntil - now > LEASE_MS / 2) return this.state;
    const repository = await this.parts.repository();
    const until = now + LEASE_MS;
    const held = await repository.lease(this.target.id, this.parts.owner, now, until);
    this.leasedUntil = until;
    this.state = held && (this.state ?? held);
    return this.state;
  }

  private async next(now: number): Promise<OutboxItem[]> {
    for (const [lane, until] of this.lanes) if (until <= now) this.lanes.delete(lane);
    const but = { lanes: [...this.lanes.keys()], after: this.parts.readableTo(now) };
    return (await this.parts.repository()).waiting(this.target.id, but, BATCH);
  }

  private idleUntil(now: number): number {
    return Math.min(now + this.parts.lookAgainMs, ...this.lanes.values());
  }

  /** Sends items, lanes side by side, until something must be written down. */
  private async send(items: OutboxItem[], state: TargetState): Promise<TargetState> {
    const { clock } = this.parts;
    const repository = await this.parts.repository();
    const events = await repository.eventsOf(items);
    const run = new Run(this.target, state, this.parts, clock() + SETTLE_MS);
    const lanes = byLane(items);
    const workers = Array.from({ length: Math.max(1, this.target.concurrency) }, async () => {
      for (let lane = lanes.shift(); lane && !run.over(); lane = lanes.shift()) {
        const wait = await run.lane(
          lane.map((item) => ({ item, event: events.get(item.eventId ?? "") ?? null })),
        );
        if (wait !== null) this.lanes.set(lane[0]?.lane ?? "", clock() + wait);
      }
    });
    await Promise.all(workers);
    await repository.settle(this.target.id, run.settlements, run.state, clock());
    return run.state;
  }
}

/** One round of tries, up to what must be written down. */
class Run {
  readonly settlements: Settlement[] = [];

  constructor(
    private readonly target: OutboxTarget,
    public state: TargetState,
    private readonly parts: RunnerParts,
    private readonly until: number,
  ) {}

  /** The target is away, it is time to write results down, or the process stops. */
  over(): boolean {
    const now = this.parts.clock();
    return this.state.retryAt > now || now >= this.until || this.parts.stopping();
  }

  /** @returns how long the lane must wait, null where it need not */
  async lane(deliveries: Delivery[]): Promise<number | null> {
    const batch = Math.max(1, this.target.batch);
    for (let at = 0; at < deliveries.length && !this.over(); at += batch) {
      const some = deliveries.slice(at, at + batch);
      const outcomes = await this.tryAll(some);
      for (const [i, { item }] of some.entries()) {
        const outcome = outcomes[i] ?? { result: "failed", error: "no result was given" };
        const wait = this.note(item, outcome);
        if (wait !== null) return wait;
      }
    }
    return null;
  }

  /** What has lost its event is left out; the rest goes to the target. */
  private async tryAll(deliveries: Delivery[]): Promise<Outcome[]> {
    const gone = ({ item, event }: Delivery) => item.eventId !== null && !event && !item.payload;
    const present = deliveries.filter((delivery) => !gone(delivery));
    const outcomes = await this.send(present);
    return deliveries.map((delivery) =>
      gone(delivery)
        ? { result: "skipped", reason: "the event was deleted" }
        : (outcomes[present.indexOf(delivery)] ?? { result: "failed", error: "no result" }),
    );
  }

  private async send(deliveries: Delivery[]): Promise<Outcome[]> {
    if (deliveries.length === 0) return [];
    try {
      return await uncut(this.target.deliver(deliveries, this.parts.signal), this.parts.signal);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return deliveries.map(() => ({ result: "failed", error: message }));
    }
  }

  /** @returns how long the lane must wait for this item, null where it goes on */
  private note(item: OutboxItem, outcome: Outcome): number | null {
    const { clock, random, signal } = this.parts;
    // what was cut off by our own stop says nothing about the target
    if (signal.aborted && outcome.result !== "delivered") return 0;
    const settlement = settle(item, outcome, this.target.retry);
    this.settlements.push(settlement);
    this.state = afterTry(this.state, outcome, this.target.retry, clock(), random());
    if (settlement.state !== "waiting") return null;
    return laneDelay(settlement, this.target.retry, random()) ?? 0;
  }
}

/**
 * What a target says, unless it is cut off first: not every protocol lets go at once, and
 * a redeploy must not wait for a server that is silent. Rejects where it is cut off.
 */
async function uncut<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let cut = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    cut = () => reject(new Error("cut off"));
    if (signal.aborted) cut();
    else signal.addEventListener("abort", cut);
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener("abort", cut);
    work.catch(() => undefined);
  }
}
