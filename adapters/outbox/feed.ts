import { createHash } from "node:crypto";
import type { StoredEvent } from "../../core/events/event";
import type { OutboxTarget } from "../../core/outbox/ports";
import type { OutboxItem, Refusals } from "../../core/outbox/types";

/** Items that may wait for one target unless PLATEGATE_OUTBOX_LIMIT says otherwise. */
export const OUTBOX_LIMIT = 500_000;

/**
 * Knows the targets and makes what must go to them. Its items are written by whoever
 * stores the event, in the same transaction.
 */
export class OutboxFeed {
  readonly targets = new Map<string, OutboxTarget>();
  private readonly listeners = new Set<(targets: ReadonlySet<string>) => void>();
  private readonly waiting = new Map<string, number>();
  private refusals = new Map<string, Refusals>();
  private lastPosition = 0;

  constructor(
    private readonly clock: () => number = Date.now,
    private readonly limit = OUTBOX_LIMIT,
  ) {}

  /** What a final event brings to the targets that want it. */
  itemsOf(event: StoredEvent): OutboxItem[] {
    const items: OutboxItem[] = [];
    for (const target of this.targets.values()) {
      if (!target.wants?.(event)) continue;
      if (!this.hasRoom(target.id)) {
        this.refuse(target.id);
        continue;
      }
      items.push(
        this.item(target.id, {
          lane: target.laneOf?.(event) ?? event.laneId ?? event.cameraId ?? "",
          kind: "event",
          eventId: event.id,
          payload: null,
        }),
      );
    }
    return items;
  }

  /** One item; of the same event and kind for the same target its id is the same again. */
  item(
    target: string,
    what: Pick<OutboxItem, "lane" | "kind" | "eventId" | "payload"> & { key?: string },
  ): OutboxItem {
    const { lane, kind, eventId, payload } = what;
    const position = this.nextPosition();
    const key = what.key ?? eventId ?? String(position) + Math.random();
    const id = createHash("sha256").update([target, kind, key].join("\0")).digest("base64url");
    const createdAt = this.clock();
    return { id, target, lane, kind, eventId, payload, position, createdAt, attempts: 0 };
  }

  /** The highest position that an item made by now can have. */
  positionAt(time: number): number {
    return time * 1000 + 999;
  }

  hasRoom(target: string): boolean {
    return (this.waiting.get(target) ?? 0) < this.limit;
  }

  /** Items are committed: their targets are woken. */
  written(items: readonly OutboxItem[]): void {
    if (items.length === 0) return;
    for (const { target } of items) {
      this.waiting.set(target, (this.waiting.get(target) ?? 0) + 1);
    }
    this.wake(new Set(items.map(({ target }) => target)));
  }

  wake(targets: ReadonlySet<string>): void {
    for (const listener of this.listeners) listener(targets);
  }

  /** @returns a function that stops it */
  onWake(listener: (targets: ReadonlySet<string>) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What waits by the database's count. */
  counted(target: string, waiting: number): void {
    this.waiting.set(target, waiting);
  }

  refuse(target: string): void {
    const now = this.clock();
    const { count, from } = this.refusals.get(target) ?? { count: 0, from: now };
    this.refusals.set(target, { count: count + 1, from, until: now });
  }

  /** What was refused since the last call. */
  takeRefusals(): Map<string, Refusals> {
    const taken = this.refusals;
    this.refusals = new Map();
    return taken;
  }

  /** Milliseconds and a counter in one whole number, never the same twice and never less. */
  private nextPosition(): number {
    this.lastPosition = Math.max(this.lastPosition + 1, this.clock() * 1000);
    return this.lastPosition;
  }
}
