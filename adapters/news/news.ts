import { EventEmitter } from "node:events";
import { barriers } from "../barriers/registry";
import { events } from "../events/bus";
import { liveReads } from "../frames/live-reads";

/** What may have changed; who is told asks the API what it is now. */
export type Topic =
  "jobs" | "passages" | "barriers" | "reads" | "lists" | "cameras" | "alerts" | "mode" | "reports";

/** Changes are told together, at most once in this time (ms): a busy gate is no reason to ask all the time. */
const GATHER_MS = 250;

/**
 * Tells of changes in this process without saying what they are: the dashboard's
 * socket goes to everybody who is logged in, and rights are checked where the data is read.
 */
export class News extends EventEmitter<{ news: [Topic[]] }> {
  private readonly waiting = new Set<Topic>();
  private timer: NodeJS.Timeout | null = null;

  tell(topic: Topic): void {
    if (this.listenerCount("news") === 0) return;
    this.waiting.add(topic);
    this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  private flush(): void {
    this.timer = null;
    const topics = [...this.waiting];
    this.waiting.clear();
    this.emit("news", topics);
  }
}

/** The process's news. */
export const news = new News();
news.setMaxListeners(0);

events.on("event", () => news.tell("passages"));
barriers.on("change", () => news.tell("barriers"));
barriers.on("removed", () => news.tell("barriers"));
liveReads.on("reads", () => news.tell("reads"));
