/**
 * - `unavailable`: the database, disk or picture store does not answer; try again later
 * - `full`: no space left
 * - `busy`: another program holds the database
 * - `conflict`: something with this id or unique name exists
 * - `invalid`: the caller's data cannot be stored
 * - `closed`: the store was closed
 * - `bound`: the store is down and the bound of what may wait is reached
 */
export type StoreErrorCode =
  "unavailable" | "full" | "busy" | "conflict" | "invalid" | "closed" | "bound";

/** What went wrong in a store, the same for each database and picture store. */
export class StoreError extends Error {
  constructor(
    readonly code: StoreErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = "StoreError";
  }

  /** Whether the same call may succeed later without a change to it. */
  get transient(): boolean {
    return this.code === "unavailable" || this.code === "full" || this.code === "busy";
  }
}
