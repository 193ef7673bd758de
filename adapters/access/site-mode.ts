import { EventEmitter } from "node:events";
import type { ModeChange, SiteMode } from "../../core/access/types";
import { voidGrantsOf } from "../grants/grants";
import type { SiteStateStore } from "./memory-state";

/** Tells the gates of this process at once that the mode of a site was set. */
export const siteNews = new EventEmitter<{ mode: [siteId: string] }>();
siteNews.setMaxListeners(0);

/**
 * Sets the mode of a whole site. After a lock-down nothing opens any more for what was
 * decided before it.
 */
export async function changeSiteMode(
  store: Pick<SiteStateStore, "setMode">,
  siteId: string,
  mode: SiteMode,
  by: ModeChange,
): Promise<void> {
  await store.setMode(siteId, mode, by);
  if (mode === "lock_down") voidGrantsOf(siteId);
  siteNews.emit("mode", siteId);
}
