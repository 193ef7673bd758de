import type { SiteMode } from "../../core/access/types";
import type { BarrierStatus } from "../../core/barrier/ports";
import type { BarrierRegistry } from "../barriers/registry";
import { voidGrantsOf } from "../grants/grants";
import { gates, type GatePlace } from "./gates";
import { siteNews } from "./site-mode";

/** Which gate holds which barrier, and what each gate last knew; kept over redeploys. */
const holders = new Map<string, string>();
const lastModes = new Map<string, SiteMode>();

/** How often the site's state is looked at, for changes by another process. */
const POLL_MS = 2_000;

/**
 * Makes a gate's barriers follow the state of its site, without any read: up while it is
 * in "emergency open", also barriers that come later and after a restart; down, once,
 * when it is locked down.
 */
export class EmergencyHold {
  /** Null until the store was asked: then what barriers do is left alone. */
  private mode: SiteMode | null = null;
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> | null = null;
  private readonly key: string;

  /** @param siteMode rejects where the state is not known: then nothing changes */
  constructor(
    private readonly place: GatePlace,
    private readonly barriers: BarrierRegistry,
    private readonly siteMode: () => Promise<SiteMode>,
  ) {
    this.key = JSON.stringify([place.siteId, place.laneId]);
    this.timer = setInterval(() => void this.look(), POLL_MS);
    this.timer.unref();
    barriers.on("change", this.apply);
    siteNews.on("mode", this.hear);
  }

  /** Takes up the site's state now; never rejects. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => (this.looking = null));
    return this.looking;
  }

  close(): void {
    clearInterval(this.timer);
    this.barriers.off("change", this.apply);
    siteNews.off("mode", this.hear);
  }

  /** A look that is under way may have begun before the news. */
  private readonly hear = (siteId: string): void => {
    if (siteId === this.place.siteId) void Promise.resolve(this.looking).then(() => this.look());
  };

  private async lookOnce(): Promise<void> {
    try {
      this.mode = await this.siteMode();
    } catch {
      return;
    }
    const news = lastModes.get(this.key) !== this.mode;
    lastModes.set(this.key, this.mode);
    if (news && this.mode === "lock_down") voidGrantsOf(this.place.siteId);
    for (const barrier of this.barriers.list()) {
      this.apply(barrier.status());
      const down = news && this.mode === "lock_down" && gates.ruledBy(this.place, barrier.laneId);
      if (down) barrier.lockDown("site", this.why());
    }
  }

  private readonly apply = ({ id, laneId, emergency }: BarrierStatus): void => {
    if (this.mode === null) return;
    const holder = holders.get(id);
    const open = this.mode === "emergency_open" && gates.ruledBy(this.place, laneId);
    // What one gate holds, only that gate lets go.
    if (open ? emergency || (holder ?? this.key) !== this.key : holder !== this.key) return;
    if (open) holders.set(id, this.key);
    else holders.delete(id);
    this.barriers.get(id)?.emergency(open, "site", this.why());
  };

  private why(): string {
    return `the site is in "${this.mode}"`;
  }
}
