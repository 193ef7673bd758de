import type { Throttle } from "./types";

/** Plates, and notices left out, that are remembered; beyond, the oldest plates are forgotten. */
const REMEMBERED = 5_000;

/** Decides which notices of a recipient are left out. In memory: a restart begins anew. */
export class Throttling {
  private readonly sent: number[] = [];
  private readonly plates = new Map<string, number>();
  private readonly left = new Set<string>();

  constructor(private readonly rule: Throttle | null) {}

  /** Left out since the last one that went. */
  get suppressed(): number {
    return this.left.size;
  }

  /** Whether a notice may go now. Says nothing of whether it went: see {@link went}. */
  allows(plate: string | null, now: number): boolean {
    if (!this.rule) return true;
    const { max, per_seconds, same_plate_seconds } = this.rule;
    const last = plate === null ? undefined : this.plates.get(plate);
    if (last !== undefined && now - last < same_plate_seconds * 1000) return false;
    const since = now - per_seconds * 1000;
    while (this.sent.length > 0 && (this.sent[0] ?? 0) <= since) this.sent.shift();
    return max <= 0 || this.sent.length < max;
  }

  /** A notice was left out; one that is looked at again after a failure counts once. */
  skipped(id: string): void {
    if (this.left.size < REMEMBERED) this.left.add(id);
  }

  went(plate: string | null, now: number): void {
    this.left.clear();
    if (!this.rule) return;
    if (this.rule.max > 0) this.sent.push(now);
    if (plate === null) return;
    this.plates.delete(plate);
    this.plates.set(plate, now);
    const [oldest] = this.plates.keys();
    if (this.plates.size > REMEMBERED && oldest !== undefined) this.plates.delete(oldest);
  }
}
