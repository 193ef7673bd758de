/** Counts tries per key in a sliding window and says when the next is allowed. */
export class Throttle {
  private readonly tries = new Map<string, number[]>();

  /**
   * @param limit tries allowed within the window
   * @param windowMs length of the window in milliseconds
   * @param maxKeys keys remembered; the oldest are forgotten beyond (a flood of
   *   addresses must not fill the memory)
   */
  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
    private readonly maxKeys = 10_000,
  ) {}

  /**
   * Takes one try.
   * @returns 0 when it is allowed, else the milliseconds until it would be
   */
  take(key: string, now: number): number {
    const wait = this.wait(key, now);
    const recent = (this.tries.get(key) ?? []).filter((time) => time > now - this.windowMs);
    if (wait > 0) {
      this.tries.set(key, recent);
      return wait;
    }
    recent.push(now);
    this.tries.delete(key); // so that the map's order is that of use
    this.tries.set(key, recent);
    if (this.tries.size > this.maxKeys) {
      const first = this.tries.keys().next();
      if (!first.done) this.tries.delete(first.value);
    }
    return 0;
  }

  /** Milliseconds until the next try is allowed, 0 = now; takes none. */
  wait(key: string, now: number): number {
    const recent = (this.tries.get(key) ?? []).filter((time) => time > now - this.windowMs);
    const [oldest] = recent;
    return recent.length >= this.limit && oldest !== undefined ? oldest + this.windowMs - now : 0;
  }

  /** Forgets a key's tries, after a success. */
  clear(key: string): void {
    this.tries.delete(key);
  }
}
