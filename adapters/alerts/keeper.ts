import { alertOfBarrier, alertsOfEvent, type Alert } from "../../core/alerts/alert";
import { indexOf, watchHits } from "../../core/access/index-lists";
import type { AccessSnapshot, WatchEntry } from "../../core/access/types";
import { isSureEnough } from "../../core/bolo/match";
import type { StoredEvent } from "../../core/events/event";
import type { EventChange } from "../../core/events/ports";
import { FaultWatch } from "../barriers/fault-watch";
import { barriers } from "../barriers/registry";
import { events } from "../events/bus";
import { news } from "../news/news";
import type { Repositories } from "../store/repositories";

/** The part of the repositories that alerts need. */
type Source = Pick<Repositories, "access" | "alerts">;

/** Writes an alert for each event and barrier of this process that people must look at. */
export class AlertKeeper {
  private lists: AccessSnapshot | null = null;
  private readonly faults: FaultWatch;
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly source: () => Promise<Source>,
    private readonly log: (message: string) => void,
  ) {
    events.on("event", this.onEvent);
    this.faults = new FaultWatch(barriers, (status, since) => {
      const alert = alertOfBarrier(status, since);
      if (alert) this.enqueue(() => Promise.resolve([alert]));
    });
  }

  /** Stops listening; resolves when what was heard is written. */
  close(): Promise<void> {
    events.off("event", this.onEvent);
    this.faults.close();
    return this.queue;
  }

  private readonly onEvent = ({ event }: EventChange): void => {
    if (event.plateText === "") return;
    this.enqueue(async (source) => alertsOfEvent(event, await this.hits(event, source)));
  };

  /** As webhook and mail of the watch list: of final events that were read surely enough. */
  private async hits(event: StoredEvent, source: Source): Promise<WatchEntry[]> {
    if (event.state !== "final" || !isSureEnough(event.confidence)) return [];
    const { watch, table } = indexOf(await this.current(source));
    return watchHits(watch, table, event.plateText, event.timestamp);
  }

  private enqueue(work: (source: Source) => Promise<Alert[]>): void {
    this.queue = this.queue
      .then(async () => {
        const source = await this.source();
        for (const alert of await work(source)) {
          if (await source.alerts.add(alert)) news.tell("alerts");
        }
      })
      .catch((error: unknown) => this.log(`an alert could not be kept: ${String(error)}`));
  }

  /** The lists, read again only when they have changed. */
  private async current({ access }: Source): Promise<AccessSnapshot> {
    const version = await access.listVersion();
    if (this.lists?.version !== version) this.lists = await access.snapshot();
    return this.lists;
  }
}
