import type { DecisionResult } from "../messages";
import type { EventSource, RetentionClass } from "./event";

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
  from?: number | undefined;
  to?: number | undefined;
  minConfidence?: number | undefined;
  decision?: DecisionResult | undefined;
  reason?: string | undefined;
  source?: EventSource | undefined;
  state?: "preliminary" | "final" | undefined;
  vehicleId?: string | undefined;
  retentionClass?: RetentionClass | undefined;
  held?: boolean | undefined;
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
