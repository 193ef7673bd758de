import type { Direction, Point } from "../../messages";

/** A part of the picture in which plates count. Points are fractions of width and height, 0..1. */
export interface LaneZone {
  /** The lane of passages in this zone; null leaves the camera's own lane. */
  laneId: string | null;
  polygon: Point[];
}

/** A line across the lane from one point to another, in fractions of width and height. */
export type LaneLine = [Point, Point];

export interface TrackerSettings {
  /** k: so many reads must agree before a passage is sent. */
  agree: number;
  /** A passage ends when its plate was not seen for so long, in ms of the frame clock. */
  gapMs: number;
  /** Reads less sure than this never make a text on their own, 0..1. */
  minConfidence: number;
  /** Shorter texts are taken for scraps and make no passage. */
  minLength: number;
  /** A plate seen this long and never read is sent as a passage without text, in ms. */
  unreadMs: number;
  /** A passage that stays is made final so long after it was first sent, in ms. */
  settleMs: number;
  /** A passage is made final when so many reads agree; 0 waits for the plate to leave. */
  finalReads: number;
  /** Where plates count; everywhere when empty. */
  zones: LaneZone[];
  /** Crossing the first, then the second is "towards"; null judges by size and place. */
  lines: [LaneLine, LaneLine] | null;
  /** Passages known to go the other way are left out; "unknown" keeps all. */
  only: Direction;
  /** Regions whose plate formats rank alternatives, as ISO 3166 codes. */
  regions: string[];
  /** Vehicles followed at one time; beyond, the one unseen longest is ended. */
  maxTracks: number;
}

export const DEFAULT_TRACKER_SETTINGS: TrackerSettings = {
  agree: 2,
  gapMs: 3000,
  minConfidence: 0.5,
  minLength: 3,
  unreadMs: 2000,
  settleMs: 30_000,
  finalReads: 0,
  zones: [],
  lines: null,
  only: "unknown",
  regions: [],
  maxTracks: 32,
};
