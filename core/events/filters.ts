import type { DecisionResult } from "../messages";
import type { EventSource, RetentionClass } from "./event";
import type { ListName } from "./lists";

/** Which events; all parts must hold. Times in ms since the epoch, both inclusive. */
export interface EventFilter {
  cameraId?: string | undefined;
  zoneId?: string | undefined;
  laneId?: string | undefined;
  siteId?: string | undefined;
  /** Any part of the plate, normalised by the caller. */
  plateContains?: string | undefined;
  /** The whole plate. */
  plate?: string | undefined;
  /** `*` any characters, `?` one character. */
  platePattern?: string | undefined;
  /** A whole plate, or a pattern with `*` and `?`: plates that a reader could take for it, too. */
  looksLike?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
  minConfidence?: number | undefined;
  decision?: DecisionResult | undefined;
  /** Only events about which a gate has decided. */
  decided?: true | undefined;
  reason?: string | undefined;
  /** Decided passages by the list that decided. */
  list?: ListName | undefined;
  source?: EventSource | undefined;
  state?: "preliminary" | "final" | undefined;
  vehicleId?: string | undefined;
  /** As `vehicleInfo` has them. */
  vehicleType?: string | undefined;
  vehicleColour?: string | undefined;
  retentionClass?: RetentionClass | undefined;
  held?: boolean | undefined;
  /** The video that they were found in. */
  jobId?: string | undefined;
}

export type EventSort = "timestamp" | "confidence" | "plate_text";

export interface EventPage {
  skip: number;
  /** 0 gives the total alone. */
  limit: number;
  sortBy: EventSort;
  sortOrder: "asc" | "desc";
}

export const NEWEST_FIRST: EventPage = {
  skip: 0,
  limit: 100,
  sortBy: "timestamp",
  sortOrder: "desc",
};

/** Thrown where a query is not understood; `field` names the part. */
export class QueryError extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(`${field} ${message}`);
    this.name = "QueryError";
  }
}

const TEXT_FIELDS = [
  "cameraId",
  "zoneId",
  "laneId",
  "siteId",
  "plateContains",
  "plate",
  "platePattern",
  "decision",
  "reason",
  "source",
  "state",
  "vehicleId",
  "vehicleType",
  "vehicleColour",
  "retentionClass",
  "jobId",
] as const;

/** Longest list that one query gives. */
export const MAX_PAGE = 1000;

/**
 * Reads a filter and page from a plain object, e.g. a message's payload: the fields
 * of EventFilter and EventPage; times as ms or ISO 8601. Throws QueryError.
 */
export function parseEventQuery(input: unknown): { filter: EventFilter; page: EventPage } {
  if (input === null || input === undefined || input === "") {
    return { filter: {}, page: NEWEST_FIRST };
  }
  if (typeof input !== "object" || Array.isArray(input)) {
    throw new QueryError("query", "must be an object");
  }
  const given = input as Record<string, unknown>;
  const filter: Record<string, unknown> = {};
  for (const field of TEXT_FIELDS) {
    const value = given[field];
    if (value === undefined || value === null || value === "") continue;
    if (typeof value !== "string" || value.length > 128 || value.includes("\0")) {
      throw new QueryError(field, "must be a text of at most 128 characters");
    }
    filter[field] = value;
  }
  for (const field of ["from", "to"] as const) {
    if (given[field] != null) filter[field] = timeOf(field, given[field]);
  }
  if (given["minConfidence"] != null) {
    filter["minConfidence"] = within("minConfidence", given["minConfidence"], 0, 1);
  }
  if (typeof given["held"] === "boolean") filter["held"] = given["held"];
  return { filter: filter, page: pageOf(given) };
}

function pageOf(given: Record<string, unknown>): EventPage {
  const { skip, limit, sortBy, sortOrder } = given;
  return {
    skip: skip == null ? 0 : Math.floor(within("skip", skip, 0, Number.MAX_SAFE_INTEGER)),
    limit: limit == null ? NEWEST_FIRST.limit : Math.floor(within("limit", limit, 0, MAX_PAGE)),
    sortBy: oneOf("sortBy", sortBy ?? "timestamp", ["timestamp", "confidence", "plate_text"]),
    sortOrder: oneOf("sortOrder", sortOrder ?? "desc", ["asc", "desc"]),
  };
}

function timeOf(field: string, value: unknown): number {
  const time = typeof value === "string" ? Date.parse(value) : value;
  return within(field, time, -8.64e15, 8.64e15);
}

function within(field: string, value: unknown, low: number, high: number): number {
  if (typeof value === "number" && value >= low && value <= high) return value;
  throw new QueryError(field, `must be between ${low} and ${high}`);
}

function oneOf<T extends string>(field: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new QueryError(field, `must be one of ${allowed.join(", ")}`);
  return found;
}
