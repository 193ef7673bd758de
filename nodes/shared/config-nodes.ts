import type { Node, NodeAPI } from "node-red";

/**
 * What the nodes see of the config nodes. Each config node's runtime object
 * implements one of these; nodes get them by {@link requireConfig}.
 */
import type { ApiServices } from "../../api/services";
import type { Database } from "../../adapters/database/types";
import type { Store } from "../../adapters/store/store";
import type { AccessRepository } from "../../core/access/ports";
import type { EventRepository, ImageStore } from "../../core/events/ports";
import type { VisionService } from "../../core/vision/ports";

export interface ApiNode extends Node {
  /** What operations work with; rejects while the store or the models are not there. */
  services(): Promise<ApiServices>;
}

export interface ModelsNode extends Node {
  /** Started on first use, shared by all nodes that name this config node. */
  vision(): VisionService;
}

export interface CameraNode extends Node {
  cameraId: string;
  cameraName: string;
  laneId: string | null;
  /** Stream address with user and password filled in; never logged. */
  url: string;
  /** The same address for people, its password masked. */
  shownUrl: string;
}

/**
 * The record: database, pictures, and the writer that lets events wait. Shared by all
 * config nodes of the process that name the same database. What returns a promise
 * rejects with a StoreError while the database does not answer; ask again later.
 */
export interface StoreNode extends Node {
  /** PLATEGATE_HOME: the folder of everything that is written. */
  home: string;
  /** Everything in one; opened at the first call, closed with the node. */
  store(): Promise<Store>;
  database(): Promise<Database>;
  events(): Promise<EventRepository>;
  access(): Promise<AccessRepository>;
  images(): Promise<ImageStore>;
}

export interface SiteNode extends Node {
  siteId: string;
  siteName: string;
  /** IANA time zone, e.g. "Europe/Vienna". */
  timeZone: string;
}

/** The config node that `id` names, or an error that says which field is empty. */
export function requireConfig<T extends Node>(
  RED: NodeAPI,
  id: string | undefined,
  what: string,
): T {
  const found = id ? (RED.nodes.getNode(id) as T | undefined | null) : null;
  if (!found) throw new Error(`no ${what} chosen, or it is disabled`);
  return found;
}
