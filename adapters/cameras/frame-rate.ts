/** Frames a second are measured over this many milliseconds. */
const WINDOW_MS = 5000;

/** Measures how many frames a second come. */
export class FrameRate {
  private times: number[] = [];

  /** @param now milliseconds */
  add(now: number): void {
    this.times.push(now);
    this.trim(now);
  }

  perSecond(now: number): number {
    this.trim(now);
    const first = this.times[0];
    if (first === undefined || this.times.length < 2) return 0;
    const span = Math.max(now - first, 1000);
    return Math.round((10_000 * this.times.length) / span) / 10;
  }

  private trim(now: number): void {
    while (this.times[0] !== undefined && this.times[0] < now - WINDOW_MS) this.times.shift();
  }
}
