import type { AccessRepository } from "../../core/access/ports";
import type { AccessState, Presence, SiteMode, StateChange } from "../../core/access/types";

/** What a gate needs to know of, and tell, the state of its site. */
export type SiteStateStore = Pick<
  AccessRepository,
  "mode" | "state" | "apply" | "undo" | "setMode"
>;

/** The state of sites without a store: lost at a restart, as the typed lists have no limits to keep. */
export class MemoryState implements SiteStateStore {
  private readonly modes = new Map<string, SiteMode>();
  private readonly presences = new Map<string, Map<string, Presence>>();
  private readonly passUses = new Map<string, Set<string>>();

  mode(siteId: string): Promise<SiteMode> {
    return Promise.resolve(this.modes.get(siteId) ?? "normal");
  }

  state(siteId: string): Promise<AccessState> {
    return Promise.resolve({
      mode: this.modes.get(siteId) ?? "normal",
      presences: new Map(this.presences.get(siteId)),
      passUses: new Map([...this.passUses].map(([id, passages]) => [id, passages.size])),
      factors: [],
    });
  }

  apply(changes: readonly StateChange[]): Promise<void> {
    for (const change of changes) {
      if (change.type === "presence") {
        const site = this.presences.get(change.siteId) ?? new Map<string, Presence>();
        site.set(change.presence.subject, change.presence);
        this.presences.set(change.siteId, site);
      } else {
        const passages = this.passUses.get(change.passId) ?? new Set();
        this.passUses.set(change.passId, passages.add(change.passageId));
      }
    }
    return Promise.resolve();
  }

  undo(changes: readonly StateChange[]): Promise<void> {
    for (const change of changes) {
      if (change.type === "use_pass") {
        this.passUses.get(change.passId)?.delete(change.passageId);
        continue;
      }
      const { presence, before, siteId } = change;
      const site = this.presences.get(siteId);
      if (site?.get(presence.subject)?.passageId !== presence.passageId) continue;
      if (before) site.set(presence.subject, before);
      else site.delete(presence.subject);
    }
    return Promise.resolve();
  }

  setMode(siteId: string, mode: SiteMode): Promise<void> {
    this.modes.set(siteId, mode);
    return Promise.resolve();
  }
}
