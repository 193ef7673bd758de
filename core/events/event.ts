import type {
  BarrierOutcome,
  Box,
  Corners,
  Decision,
  DecisionResult,
  DecisionTrace,
  Direction,
  Passage,
  PassageVote,
  ReasonCode,
} from "../messages";

/** Where an event came from. */
export type EventSource = "camera" | "ingest" | "upload" | "manual";

/** Decides how long an event is kept (DESIGN §8). */
export type RetentionClass = "unknown" | "allowed" | "denied";

/** A text that a reader proposed for an event (engine dialect). */
export interface RawCandidate {
  text: string;
  confidence: number | null;
  model: string | null;
}

/** The stored record of a passage with its decision. Times: ms since the epoch. */
export interface StoredEvent {
  id: string;
  source: EventSource;
  /** When the vehicle was there. */
  timestamp: number;
  /** When the event was stored first. */
  createdAt: number;
  updatedAt: number;
  siteId: string | null;
  cameraId: string | null;
  zoneId: string | null;
  laneId: string | null;
  /** Normalised; a keyed hash ("~" and 32 hex digits) where plates are hashed. */
  plateText: string;
  /** As it was read, where a person or a rule corrected it since. */
  rawText: string | null;
  confidence: number | null;
  region: string | null;
  direction: Direction;
  state: "preliminary" | "final";
  revision: number;
  firstSeen: number | null;
  lastSeen: number | null;
  firstReadable: number | null;
  candidates: RawCandidate[];
  decision: DecisionResult | null;
  reason: ReasonCode | null;
  decidedAt: number | null;
  vehicleId: string | null;
  vehiclePlate: string | null;
  trace: DecisionTrace | null;
  barrier: BarrierOutcome | null;
  /** First readable frame to the barrier's confirmation. */
  timeToOpenMs: number | null;
  vehicleInfo: unknown;
  tpmsStatus: unknown;
  metadata: Record<string, unknown>;
  /** The job whose video it was found in. Events that waited in a file from before have none. */
  jobId?: string | null;
  retentionClass: RetentionClass;
  /** Held: kept whatever its age, with the reason. */
  held: boolean;
  holdReason: string | null;
  /** Paths below the picture store. */
  frame: string | null;
  crop: string | null;
}

/** An event as lists and reports show it, without its details. */
export type WalkedEvent = Pick<
  StoredEvent,
  | "id"
  | "timestamp"
  | "plateText"
  | "confidence"
  | "decision"
  | "reason"
  | "vehiclePlate"
  | "cameraId"
  | "laneId"
  | "direction"
  | "barrier"
  | "timeToOpenMs"
>;

/** What a caller gives to store; the store adds its own times. */
export type NewEvent = Omit<StoredEvent, "createdAt" | "updatedAt"> & { votes: PassageVote[] };

/** An event as it is stored, from what was given and the store's own times. */
export function storedOf(
  event: NewEvent,
  times: Pick<StoredEvent, "createdAt" | "updatedAt">,
): StoredEvent {
  const copy: Partial<NewEvent> = { ...event };
  delete copy.votes;
  return { ...(copy as Omit<NewEvent, "votes">), ...times };
}

/** Allowed, denied or unknown, from the decision and its reason. */
export function retentionClass(
  decision: DecisionResult | null,
  reason: ReasonCode | null,
  known: boolean,
): RetentionClass {
  if (decision === "open") return "allowed";
  if (known || reason === "deny_list") return "denied";
  return "unknown";
}

/** How long a device took, null where it is not known or the clock jumped back. */
export function timeToOpen(
  firstReadable: number | null,
  barrier: BarrierOutcome | null,
): number | null {
  if (firstReadable === null || barrier?.command !== "open" || barrier.result !== "done") {
    return null;
  }
  if (barrier.confirmedAt === null) return null;
  const ms = barrier.confirmedAt - firstReadable;
  return ms >= 0 ? ms : null;
}

/** An event with nothing known but its id, time and plate. */
export function blankEvent(id: string, timestamp: number, plateText: string): NewEvent {
  return {
    id,
    source: "ingest",
    timestamp,
    siteId: null,
    cameraId: null,
    zoneId: null,
    laneId: null,
    plateText,
    rawText: null,
    confidence: null,
    region: null,
    direction: "unknown",
    state: "final",
    revision: 1,
    firstSeen: null,
    lastSeen: null,
    firstReadable: null,
    candidates: [],
    decision: null,
    reason: null,
    decidedAt: null,
    vehicleId: null,
    vehiclePlate: null,
    trace: null,
    barrier: null,
    timeToOpenMs: null,
    vehicleInfo: null,
    tpmsStatus: null,
    metadata: {},
    jobId: null,
    retentionClass: "unknown",
    held: false,
    holdReason: null,
    frame: null,
    crop: null,
    votes: [],
  };
}

/** The event of a passage: its id is the passage's, so that storing twice stores once. */
export function eventOfPassage(
  passage: Passage,
  decision: Decision | null,
  barrier: BarrierOutcome | null,
  site: { siteId: string | null; zoneId: string | null },
): NewEvent {
  const known = decision?.vehicle != null;
  return {
    ...blankEvent(passage.id, passage.firstSeen, passage.text),
    ...site,
    zoneId: passage.zoneId ?? site.zoneId,
    source: "camera",
    cameraId: passage.cameraId,
    laneId: passage.laneId,
    confidence: passage.confidence,
    region: passage.region,
    direction: passage.direction,
    state: passage.state,
    revision: passage.revision,
    firstSeen: passage.firstSeen,
    lastSeen: passage.lastSeen,
    firstReadable: passage.firstReadable,
    candidates: candidatesOf(passage.votes),
    decision: decision?.result ?? null,
    reason: decision?.reason ?? null,
    decidedAt: decision?.decidedAt ?? null,
    vehicleId: decision?.vehicle?.id ?? null,
    vehiclePlate: decision?.vehicle?.plate ?? null,
    trace: decision?.trace ?? null,
    barrier,
    timeToOpenMs: timeToOpen(passage.firstReadable, barrier),
    vehicleInfo: passage.vehicle ?? null,
    metadata: placeOf(passage),
    retentionClass: retentionClass(decision?.result ?? null, decision?.reason ?? null, known),
    votes: passage.votes,
  };
}

/** Where the plate is in the stored picture, in shares (0..1) of its sides: training needs it. */
export interface PlatePlace {
  box: Box;
  corners: Corners | null;
}

function placeOf({ best }: Passage): { plate_place?: PlatePlace } {
  if (!best?.frameSize) return {};
  const [width, height] = best.frameSize;
  const share = (value: number, side: number): number => Math.round((value / side) * 1e5) / 1e5;
  const [x, y, w, h] = best.box;
  const box: Box = [share(x, width), share(y, height), share(w, width), share(h, height)];
  const corners = best.corners?.map(([cx, cy]) => [share(cx, width), share(cy, height)]) ?? null;
  return { plate_place: { box, corners: corners as Corners | null } };
}

/** Each text that was read once, with its best confidence, best first. */
function candidatesOf(votes: PassageVote[]): RawCandidate[] {
  const best = new Map<string, number>();
  for (const vote of votes) {
    best.set(vote.text, Math.max(best.get(vote.text) ?? 0, vote.confidence));
  }
  return [...best]
    .map(([text, confidence]) => ({ text, confidence, model: null }))
    .sort((a, b) => b.confidence - a.confidence);
}
