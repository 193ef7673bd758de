import type { PageOf, PageRequest } from "../auth/ports";
import type { Resource, ResourceFields, ResourceKind } from "./types";

export interface ResourceFilter {
  enabled?: boolean | undefined;
  type?: string | undefined;
  cameraId?: string | undefined;
  siteId?: string | undefined;
  laneId?: string | undefined;
}

/** One kind of configured things. Every method rejects with a StoreError on failure. */
export interface ResourceRepository<K extends ResourceKind> {
  readonly kind: K;
  /** Oldest first; `limit` 0 gives the total alone. */
  list(filter: ResourceFilter, page: PageRequest): Promise<PageOf<Resource<K>>>;
  all(): Promise<Resource<K>[]>;
  get(id: string): Promise<Resource<K> | null>;
  /**
   * @param id the caller's, or null for the next free one ("cam-003"); numbers are not used again
   * Rejects with StoreError "conflict" where the id is taken.
   */
  create(id: string | null, fields: ResourceFields[K], now: number): Promise<Resource<K>>;
  /**
   * Changes one, with nobody else in between.
   * @param change makes the new fields of the old; what it throws is passed on
   * @returns null where there is none
   */
  update(
    id: string,
    change: (before: Resource<K>) => ResourceFields[K] | Promise<ResourceFields[K]>,
    now: number,
  ): Promise<Resource<K> | null>;
  /** @returns false where there was none */
  delete(id: string): Promise<boolean>;
}

/** All kinds. */
export type ResourceRepositories = { [K in ResourceKind]: ResourceRepository<K> };

/** Something that is configured has changed, and is committed. */
export interface ResourceChange {
  kind: ResourceKind;
  id: string;
  change: "created" | "updated" | "deleted";
}
