import type { NodeStatus } from "./kit";

/** Every frame has news; people and the editor's socket want it once a second. */
const EVERY_MS = 1000;

/** The status of a node in the middle of a stream: what it found last and how many frames it dropped. */
export class StageStatus {
  private timer: NodeJS.Timeout | null = null;
  private show: (() => void) | null = null;

  constructor(private readonly status: NodeStatus) {}

  /** @param key status text with the placeholders `count` and `dropped` */
  found(key: string, count: number, dropped: number): void {
    const name = dropped > 0 ? `${key}Dropped` : key;
    const params = dropped > 0 ? { count, dropped } : { count };
    this.show = () => this.status.ok(name, params);
    if (this.timer) return;
    this.flush();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.flush();
    }, EVERY_MS);
  }

  /** Shown at once, until something is found. */
  failed(key: string): void {
    this.show = null;
    this.status.error(key);
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.status.clear();
  }

  private flush(): void {
    this.show?.();
    this.show = null;
  }
}
