import type { NodeAPI, NodeDef } from "node-red";
import { gates } from "../../adapters/access/gates";
import { barriers } from "../../adapters/barriers/registry";

/** The site of gates that name none. */
export const NO_SITE = "default";

type Fields = NodeDef & {
  /** The node is disabled. */
  d?: boolean;
  /** The tab is disabled. */
  disabled?: boolean;
  site?: string;
  siteId?: string;
  laneId?: string;
  barrierId?: string;
};

/**
 * Tells the registries which gates and barriers the flows have, also those that have
 * not started yet. Templates of subflows are none: what is made of them says so itself.
 * A gate that is disabled decides nothing; a barrier that is keeps its names.
 */
export function planFlows(RED: NodeAPI): void {
  const all: Fields[] = [];
  RED.nodes.eachNode((node: Fields) => all.push(node));
  const templates = idsOf(all, ({ type }) => type === "subflow" || type.startsWith("subflow:"));
  const off = idsOf(all, ({ type, disabled }) => type === "tab" && disabled === true);
  const real = all.filter(({ z }) => !templates.has(z ?? ""));
  const sites = new Map(
    real.filter(({ type }) => type === "plategate-site").map((one) => [one.id, one.siteId]),
  );
  gates.plan(
    real
      .filter(({ type, d, z }) => type === "allowlist-check" && d !== true && !off.has(z ?? ""))
      .map(({ site, laneId }) => ({
        siteId: site ? sites.get(site) || site : NO_SITE,
        laneId: laneId || null,
      })),
  );
  barriers.plan(
    real
      .filter(({ type }) => type.startsWith("barrier-"))
      .map(({ id, barrierId, laneId }) => ({
        id: barrierId?.trim() || id,
        laneId: laneId?.trim() || null,
      }))
      // an environment's variable is filled in where the node starts
      .filter((place) => !place.id.includes("${")),
  );
}

function idsOf(all: Fields[], wanted: (node: Fields) => boolean): Set<string> {
  return new Set(all.filter(wanted).map(({ id }) => id));
}
