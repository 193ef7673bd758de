/**
 * What travels between Plategate's nodes (docs/messages.md). Only plain objects,
 * strings, numbers and Buffers: anything else breaks or freezes when Node-RED
 * clones a message. Pixels stay in the frame store and are named by `FrameRef.id`.
 */

import type { DecisionFacts, WatchPriority } from "./access/types";

/** A point in pixels of the frame, origin top left. */
export type Point = [x: number, y: number];
/** Left, top, width, height in pixels of the frame. */
export type Box = [x: number, y: number, w: number, h: number];
/** Top left, top right, bottom right, bottom left as seen on the plate. */
export type Corners = [Point, Point, Point, Point];

/** One picture of a camera. The pixels are in the frame store under `id`. */
export interface FrameRef {
  id: string;
  cameraId: string;
  /** The lane the camera watches, if it watches one. */
  laneId: string | null;
  /** Counts the frames that the source took, from 0. Gaps are dropped frames. */
  seq: number;
  /** Milliseconds since the epoch. */
  capturedAt: number;
  width: number;
  height: number;
}

/** A plate found in a frame. */
export interface Detection {
  box: Box;
  /** Null where the detector gives only a box. */
  corners: Corners | null;
  /** 0..1 */
  confidence: number;
}

export interface CharacterAlternative {
  char: string;
  confidence: number;
}

export interface CharacterRead {
  char: string;
  /** 0..1, calibrated: of the characters given 0.9, nine in ten are right. */
  confidence: number;
  /** Other characters it could be, best first, without `char` itself. */
  alternatives: CharacterAlternative[];
}

/** The text of one detection. */
export interface Read {
  /** Normalised plate text (see core/plates), empty where not readable. */
  text: string;
  /** 0..1, that the whole text is right. */
  confidence: number;
  characters: CharacterRead[];
  region: string | null;
  /** Rows of text on the plate. */
  rows: 1 | 2;
  /** False where the reader declined to guess; `reason` then says why. */
  readable: boolean;
  reason: string | null;
  detection: Detection;
  frameId: string;
  capturedAt: number;
}

export type Direction = "towards" | "away" | "unknown";

/** One vehicle going through one lane once. */
export interface Passage {
  id: string;
  cameraId: string;
  laneId: string | null;
  /** The zone of the configuration API that it was in, where there are any. */
  zoneId?: string;
  state: "preliminary" | "final";
  /** Counts the versions of this passage that were sent, from 1. */
  revision: number;
  text: string;
  confidence: number;
  characters: CharacterRead[];
  region: string | null;
  /** Number of reads that voted. */
  reads: number;
  /** The reads that voted, oldest first, at most 64 (the best are kept). */
  votes: PassageVote[];
  direction: Direction;
  /** Milliseconds since the epoch. */
  firstSeen: number;
  lastSeen: number;
  /** Capture time of the first frame in which a plate was readable. */
  firstReadable: number | null;
  best: {
    frameId: string;
    capturedAt: number;
    box: Box;
    corners: Corners | null;
    /** Width and height of that frame, which box and corners are in pixels of. */
    frameSize?: [width: number, height: number];
  } | null;
  /** Why `text` is empty, where it is: of the reader, or "too_short", "low_confidence". */
  reason?: string;
  /** What a camera that reads plates itself says besides. */
  vehicle?: Record<string, unknown>;
  /** JPEGs of the best frame and of the plate in it. */
  images: { frame: Buffer | null; crop: Buffer | null };
}

export interface PassageVote {
  text: string;
  confidence: number;
  /** Confidence per character of `text`. */
  characters: number[];
  capturedAt: number;
  box: Box;
}

export type DecisionResult = "open" | "deny" | "review";

/** Why a decision is what it is; translated for people in the locales. */
export const REASON_CODES = [
  "allowed",
  "allowed_confusable",
  "visitor_pass",
  "emergency_open",
  "lock_down",
  "deny_list",
  "unknown_plate",
  "unreadable",
  "low_confidence",
  "not_final",
  "suspended",
  "blocked",
  "unknown_group",
  "not_yet_valid",
  "expired",
  "outside_schedule",
  "wrong_lane",
  "wrong_direction",
  "anti_passback",
  "occupancy_full",
  "permit_in_use",
  "pass_used_up",
  "second_factor_missing",
  "second_factor_wrong",
  "external_denied",
  "ambiguous",
  "reader_down",
  "list_unavailable",
  "watch_list",
  "stale",
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** One check of the order of DESIGN §6, in the order it was made. */
export interface TraceStep {
  check: string;
  outcome: "pass" | "fail" | "skip";
  detail: string;
}

export interface DecisionTrace {
  /** Milliseconds since the epoch: the clock the rules saw. */
  clock: number;
  listVersion: string;
  votes: PassageVote[];
  steps: TraceStep[];
  /** What the rules looked at, so that the decision can be made again. */
  facts?: DecisionFacts;
}

export interface Decision {
  id: string;
  passageId: string;
  cameraId: string;
  laneId: string | null;
  result: DecisionResult;
  reason: ReasonCode;
  /** The plate as read. */
  plate: string;
  /** The list entry it was taken for, if any. */
  vehicle: { id: string; plate: string; owner: string | null; groups: string[] } | null;
  decidedAt: number;
  trace: DecisionTrace;
  /**
   * Proof for the barrier that this decision was made here and not typed into a
   * message: see adapters/grants. Absent unless `result` is "open".
   */
  grant?: string;
}

export type BarrierCommandName = "open" | "close" | "hold" | "release" | "lock" | "unlock";

/** A command to a barrier that is not a decision: a button, the API, a schedule. */
export interface BarrierCommand {
  action: BarrierCommandName;
  reason: string;
  /** Who asks, for the audit log. */
  actor: string;
  /** Proof that the actor may: see adapters/grants. */
  grant?: string;
  /** The request that brought it, for the audit log; never believed of a message. */
  origin?: RequestOrigin;
}

/** Where a request came from. */
export interface RequestOrigin {
  address: string | null;
  requestId: string | null;
}

export type BarrierState =
  "closed" | "opening" | "open" | "closing" | "held" | "locked" | "fault" | "unknown";

/** What a barrier did with a decision or a command. */
export interface BarrierOutcome {
  barrierId: string;
  command: BarrierCommandName;
  result: "done" | "refused" | "failed" | "ignored";
  /** Why, where it is not "done". */
  reason: string | null;
  state: BarrierState;
  actor: string;
  passageId: string | null;
  requestedAt: number;
  /** When the device confirmed; null where it did not. */
  confirmedAt: number | null;
}

/** The stored record. */
export interface EventRef {
  id: string;
  storedAt: number;
  /** Paths below the picture store, null where there is no picture. */
  frame: string | null;
  crop: string | null;
  /** The database or disk is away: the event is kept and will be stored. */
  waiting?: boolean;
}

/** A passage whose read is on the watch list. */
export interface WatchHit {
  entryId: string;
  pattern: string;
  description: string | null;
  priority: WatchPriority;
  /** Whom to tell, where the entry says so. */
  webhookUrl: string | null;
  emails: string[];
  /** The plate as read. */
  plate: string;
  passageId: string;
  cameraId: string;
  laneId: string | null;
  seenAt: number;
}

/** The parts of a message; each node adds its own and keeps the rest. */
export interface PlategateParts {
  frame?: FrameRef;
  detections?: Detection[];
  reads?: Read[];
  passage?: Passage;
  decision?: Decision;
  command?: BarrierCommand;
  barrier?: BarrierOutcome;
  event?: EventRef;
  watchHits?: WatchHit[];
  payload?: unknown;
}
