import type { EventRepository } from "../../core/events/ports";
import { bucketFloor } from "../../core/events/statistics";
import type { CameraBook } from "./cameras";
import { perCent } from "./view";

/** Figures are counted at most this often, however many ask, in milliseconds. */
const FRESH_MS = 2_000;

export interface Figures {
  total_records: number;
  records_today: number;
  unique_plates_today: number;
  average_confidence_today: number | null;
  decisions_today: Record<string, number>;
  records_by_camera_today: Record<string, number>;
  blacklist_hits_today: number;
  total_cameras: number;
  online_cameras: number;
  offline_cameras: number;
  timestamp: string;
}

/** The figures of `/api/statistics`: the whole record's size, and today. */
export class FigureKeeper {
  private last: { at: number; figures: Promise<Figures> } | null = null;

  constructor(
    private readonly events: EventRepository,
    private readonly cameras: CameraBook,
    private readonly timeZone: string,
  ) {}

  get(now: number): Promise<Figures> {
    if (this.last && now - this.last.at < FRESH_MS) return this.last.figures;
    const figures = this.count(now);
    this.last = { at: now, figures };
    figures.catch(() => (this.last = null));
    return figures;
  }

  private async count(now: number): Promise<Figures> {
    const from = bucketFloor("day", this.timeZone)(now);
    const [total, today, blacklist] = await Promise.all([
      this.events.count({}),
      this.events.statistics({ filter: { from }, interval: "day", timeZone: this.timeZone }),
      this.events.count({ from, reason: "deny_list" }),
    ]);
    const { total: cameras, online } = this.cameras.counts();
    return {
      total_records: total,
      records_today: today.totalEvents,
      unique_plates_today: today.uniquePlates,
      average_confidence_today: perCent(today.avgConfidence),
      decisions_today: today.byDecision,
      records_by_camera_today: Object.fromEntries(
        Object.entries(today.byCamera).map(([id, { count }]) => [id, count]),
      ),
      blacklist_hits_today: blacklist,
      total_cameras: cameras,
      online_cameras: online,
      offline_cameras: cameras - online,
      timestamp: new Date(now).toISOString(),
    };
  }
}
