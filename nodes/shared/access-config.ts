import type { NodeAPI } from "node-red";
import { ListKeeper } from "../../adapters/access/list-keeper";
import type { InlineEntries } from "../../core/access/inline-list";
import type { AccessContext } from "../../core/access/types";
import type { SiteNode, StoreNode } from "./config-nodes";
import { requireConfig } from "./config-nodes";
import { NO_SITE } from "./flow-plan";

/** Where lists come from, as configured in a node. */
export interface ListConfig {
  /** Id of a plategate-store; empty = none. */
  store: string;
  /** Seconds for which the last good lists count once the store is gone. */
  graceSeconds: number;
}

/**
 * The keeper of the lists that a node names.
 * @throws Error where a store is named that is not there
 */
export function listKeeper(
  RED: NodeAPI,
  config: ListConfig,
  inline: InlineEntries,
  told: { onChange: () => void; onError: (error: Error, news: boolean) => void },
): ListKeeper {
  const store = config.store
    ? requireConfig<StoreNode>(RED, config.store, "plategate-store")
    : null;
  return new ListKeeper({
    store: store ? () => store.access() : null,
    inline,
    graceMs: config.graceSeconds * 1000,
    ...told,
  });
}

/** The chosen site; without one a site of its own name in the time zone of the machine. */
export function siteOf(RED: NodeAPI, id: string): AccessContext["site"] {
  if (!id) {
    return { id: NO_SITE, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  }
  const site = requireConfig<SiteNode>(RED, id, "plategate-site");
  return { id: site.siteId, timeZone: site.timeZone };
}
