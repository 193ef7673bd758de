import type { Throttle } from "./types";

/** Plates that are remembered; beyond, the oldest are forgotten. */
const REMEMBERED = 5_000;

/** Decides which notices of a recipient are left out. In memory: a restart begins anew. */
export class Throttling {
  private readonly sent: number[] = [];
  private readonly plates = new Map<string, number>();
  private left = 0;

  constructor(private readonly rule: Throttle | null) {}

  /** Left out since the last one that went. */
  get suppressed(): number {
    return this.left;
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

  skipped(): void {
    this.left += 1;
  }

  went(plate: string | null, now: number): void {
    this.left = 0;
    if (!this.rule) return;
    if (this.rule.max > 0) this.sent.push(now);
    if (plate === null) return;
    this.plates.delete(plate);
    this.plates.set(plate, now);
    const [oldest] = this.plates.keys();
    if (this.plates.size > REMEMBERED && oldest !== undefined) this.plates.delete(oldest);
  }
}
