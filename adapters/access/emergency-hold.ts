import type { SiteMode } from "../../core/access/types";
import type { BarrierStatus } from "../../core/barrier/ports";
import { gates } from "./gates";
import type { BarrierRegistry } from "../barriers/registry";

/** Which site holds which barrier; kept over redeploys. */
const holders = new Map<string, string>();

/** How often the site's state is looked at, for changes by another process. */
const POLL_MS = 2_000;

/**
 * Holds the barriers of a lane open while its site is in "emergency open": who has to
 * get out must not have to be read first. Also barriers that come later, and after a restart.
 */
export class EmergencyHold {
  /** Null until the store was asked: then what barriers do is left alone. */
  private mode: SiteMode | null = null;
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> | null = null;

  /**
   * @param place the site, and the lane; null = the lanes that no other gate names
   * @param siteMode rejects where the state is not known: then nothing changes
   */
  constructor(
    private readonly place: { siteId: string; laneId: string | null },
    private readonly barriers: BarrierRegistry,
    private readonly siteMode: () => Promise<SiteMode>,
  ) {
    this.timer = setInterval(() => void this.look(), POLL_MS);
    this.timer.unref();
    barriers.on("change", this.apply);
  }

  /** Takes up the site's state now; never rejects. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => (this.looking = null));
    return this.looking;
  }

  close(): void {
    clearInterval(this.timer);
    this.barriers.off("change", this.apply);
  }

  private async lookOnce(): Promise<void> {
    try {
      this.mode = await this.siteMode();
    } catch {
      return;
    }
    for (const barrier of this.barriers.list()) this.apply(barrier.status());
  }

  private readonly apply = ({ id, laneId, emergency }: BarrierStatus): void => {
    if (this.mode === null || !this.isMine(laneId)) return;
    const { siteId } = this.place;
    const holder = holders.get(id);
    const open = this.mode === "emergency_open";
    // What one site holds, only that site lets go.
    if (open ? emergency || (holder ?? siteId) !== siteId : holder !== siteId) return;
    if (open) holders.set(id, siteId);
    else holders.delete(id);
    this.barriers.get(id)?.emergency(open, "site", `the site is in "${this.mode}"`);
  };

  private isMine(laneId: string | null): boolean {
    if (laneId === null) return false;
    return this.place.laneId === null ? !gates.names(laneId) : laneId === this.place.laneId;
  }
}
