import type { Direction, RequestOrigin } from "../messages";

/**
 * What decides who may pass, as plain data (DESIGN §6). Times are milliseconds since
 * the epoch, plates are normalised (core/plates), ids are opaque strings. The same
 * shapes are stored (adapters/database), sent to the API and kept for a replay.
 */

/** Which way a vehicle goes through a lane, seen from the site. */
export type Way = "entry" | "exit";

export const VEHICLE_STATUSES = ["active", "suspended", "blocked"] as const;
export type VehicleStatus = (typeof VEHICLE_STATUSES)[number];

/** A registered plate. */
export interface Vehicle {
  id: string;
  /** Normalised; unique. */
  plate: string;
  region: string | null;
  owner: string | null;
  contact: string | null;
  note: string | null;
  /** Free labels for people; they decide nothing. */
  tags: string[];
  status: VehicleStatus;
  /** Ids of groups. */
  groups: string[];
  /** First instant at which it may pass; null = since ever. */
  validFrom: number | null;
  /** Last instant at which it may pass; null = for ever. */
  validUntil: number | null;
  /** Its own schedule; null = the schedules of its groups, if they have any, else always. */
  scheduleId: string | null;
  /** Lanes it may use; empty = those of its groups, if they have any, else all. */
  lanes: string[];
  /** The only way it may go; null = both. */
  way: Way | null;
  /** RFID or Wiegand numbers that count as its second factor, as text without leading zeros. */
  credentials: string[];
  /** Its PIN as `hashPin` makes it; null = none. */
  pin: string | null;
  createdAt: number;
  updatedAt: number;
}

/** Vehicles with something in common. */
export interface Group {
  id: string;
  name: string;
  scheduleId: string | null;
  /** Lanes its vehicles may use; empty = all. */
  lanes: string[];
  /** Most vehicles of this group inside at once; null = no limit. */
  occupancyLimit: number | null;
  /** A shared permit: of its vehicles this many may be inside at once; null = no permit. */
  permitSpaces: number | null;
  note: string | null;
}

/** Monday = 1 … Sunday = 7 (ISO 8601). */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/**
 * Opens on `days` from `from` until `to` ("HH:MM" on the wall clock, `to` exclusive,
 * "24:00" = end of the day). With `to` before `from` it ends on the following day.
 */
export interface ScheduleWindow {
  days: Weekday[];
  from: string;
  to: string;
}

export interface Schedule {
  id: string;
  name: string;
  /** IANA name; null = the site's. */
  timeZone: string | null;
  windows: ScheduleWindow[];
  /** What holidays do: nothing, close the day, or open it in `holidayWindows` instead. */
  onHolidays: "as_usual" | "closed" | "windows";
  /** Used with `onHolidays: "windows"`. */
  holidayWindows: Pick<ScheduleWindow, "from" | "to">[];
  /** Its own holidays beside those of the site: "YYYY-MM-DD", or "MM-DD" for each year. */
  holidays: string[];
}

export interface VisitorPass {
  id: string;
  /** What the visitor's link or code hashes to (`hashPassCode`); null = none was made. */
  codeHash: string | null;
  /** Null until the visitor (or the host) has entered it. */
  plate: string | null;
  visitor: string | null;
  /** Whom they visit. */
  host: string | null;
  note: string | null;
  status: "active" | "revoked";
  validFrom: number | null;
  validUntil: number | null;
  /** Entries it is good for; null = any number. Exits are free. */
  usesAllowed: number | null;
  used: number;
  scheduleId: string | null;
  lanes: string[];
  createdBy: string | null;
  createdAt: number;
}

export const WATCH_PRIORITIES = ["low", "normal", "high"] as const;
export type WatchPriority = (typeof WATCH_PRIORITIES)[number];

/** A wanted plate or pattern (BOLO), or one that is never let in. */
export interface WatchEntry {
  id: string;
  list: "watch" | "deny";
  /** A plate, or a pattern with `*` and `?`. */
  pattern: string;
  /** How near a read must be: the same, or the same but for listed confusables. */
  match: "exact" | "confusable";
  description: string | null;
  priority: WatchPriority;
  webhookUrl: string | null;
  emails: string[];
  /** Last instant at which it counts; null = until switched off. */
  expiresAt: number | null;
  active: boolean;
  createdBy: string | null;
  createdAt: number;
}

export const SITE_MODES = ["normal", "lock_down", "emergency_open"] as const;
export type SiteMode = (typeof SITE_MODES)[number];

/** Who changes a site's mode, and why. */
export interface ModeChange {
  actor: string;
  reason: string;
  /** The request that brought it. */
  origin?: RequestOrigin;
}

export type AntiPassbackMode = "off" | "soft" | "hard" | "timed";

/** What holds for the whole site; kept in the table `settings`. */
export interface AccessSettings {
  /** Most known vehicles inside at once; null = no limit. */
  occupancyLimit: number | null;
  antiPassback: AntiPassbackMode;
  /** For "timed": minutes in which the same vehicle may not go the same way again. */
  antiPassbackMinutes: number;
  /** Holidays for all schedules: "YYYY-MM-DD", or "MM-DD" for each year. */
  holidays: string[];
  /** Characters taken for one another, e.g. "O/0"; null = the usual pairs of core/plates. */
  confusables: string[] | null;
  /** Most confusable characters in one read; null = no limit. 0 = exact reads only. */
  maxConfusables: number | null;
  /** A hit on the watch list makes a decision "review" instead of "open". */
  watchHitsNeedReview: boolean;
  /** Rules of every lane, where its gate says nothing else itself. */
  rules: RuleSettings;
  /** Rules of single lanes; they go before what the lane's gate says itself. */
  laneRules: readonly (RuleSettings & { laneId: string })[];
}

/** Rules of lanes that can be set; what is left out or null is not said. */
export type RuleSettings = {
  readonly [K in SettableRule]?: LaneRules[K] | null;
};

export const DEFAULT_ACCESS_SETTINGS: Readonly<AccessSettings> = {
  occupancyLimit: null,
  antiPassback: "off",
  antiPassbackMinutes: 5,
  holidays: [],
  confusables: null,
  maxConfusables: null,
  watchHitsNeedReview: false,
  rules: {},
  laneRules: [],
};

/** All lists at one moment. Immutable: a change makes a new one with another version. */
export interface AccessSnapshot {
  /** Names this content; goes into the decision trace. */
  version: string;
  vehicles: readonly Vehicle[];
  groups: readonly Group[];
  schedules: readonly Schedule[];
  passes: readonly VisitorPass[];
  /** Watch list and deny list. */
  watch: readonly WatchEntry[];
  settings: Readonly<AccessSettings>;
}

/** Where a vehicle (or a visitor's pass) was last let through at a site. */
export interface Presence {
  /** `vehicle:<id>` or `pass:<id>`. */
  subject: string;
  plate: string;
  groups: string[];
  inside: boolean;
  /** When it last went through; null after a reset (then it counts as not seen yet). */
  at: number | null;
  way: Way | null;
  laneId: string | null;
  passageId: string | null;
}

/** What changes with each passage, of one site. */
export interface AccessState {
  mode: SiteMode;
  presences: ReadonlyMap<string, Presence>;
  /** Uses of passes so far, by pass id, where newer than the snapshot's `used`. */
  passUses: ReadonlyMap<string, number>;
  /** Second factors heard lately, on any lane. */
  factors: readonly FactorToken[];
  /** In a replay: how many others were inside, instead of counting `presences`. */
  counts?: OccupancyCounts;
}

/** Vehicles inside, without the one that is asking. */
export interface OccupancyCounts {
  site: number;
  groups: Record<string, number>;
}

export const EMPTY_STATE: AccessState = {
  mode: "normal",
  presences: new Map(),
  passUses: new Map(),
  factors: [],
};

export type FactorKind = "loop" | "tag" | "pin";

/** A second factor as it arrived in a message. */
export interface FactorToken {
  kind: FactorKind;
  /** Number of the tag or the PIN; null for a loop. */
  value: string | null;
  laneId: string | null;
  at: number;
  /** In a replay, where the value is not kept: whether it was the vehicle's. */
  matched?: boolean;
}

/** What an open decision changes; applied to the store in one transaction. */
export type StateChange =
  | {
      type: "presence";
      siteId: string;
      presence: Presence;
      /** What was known before, to go back to where the barrier stayed shut. */
      before: Presence | null;
    }
  | { type: "use_pass"; passId: string; passageId: string };

/** How sure and how late a lane wants its reads, and what else it asks for. */
export interface LaneRules {
  /** 0..1: least `passage.confidence` for opening. */
  minConfidence: number;
  /** Reads that must agree with the text before a passage that is not final opens. */
  minReads: number;
  /**
   * 0..1: least `passage.confidence` for opening a final passage in which fewer reads
   * agree. Absent in decisions stored before there was such a rule: `minConfidence`.
   */
  fewReadsConfidence?: number;
  /** Seconds after its last frame in which a passage may still open; 0 = any. */
  maxAgeSeconds: number;
  /** Only vehicles moving so, as the camera sees it; null = either. */
  motion: Exclude<Direction, "unknown"> | null;
  /** Also refuse where the motion is not known. */
  motionStrict: boolean;
  /** What must come with the plate, any one of them; empty = nothing. */
  secondFactor: FactorKind[];
  secondFactorSeconds: number;
}

export const DEFAULT_LANE_RULES: Readonly<Required<LaneRules>> = {
  minConfidence: 0.75,
  minReads: 2,
  fewReadsConfidence: 0.9,
  maxAgeSeconds: 60,
  motion: null,
  motionStrict: false,
  secondFactor: [],
  secondFactorSeconds: 20,
};

/** The rules that settings may set. */
export const SETTABLE_RULES = [
  "minConfidence",
  "minReads",
  "fewReadsConfidence",
  "maxAgeSeconds",
  "secondFactor",
  "secondFactorSeconds",
] as const satisfies readonly (keyof LaneRules)[];
export type SettableRule = (typeof SETTABLE_RULES)[number];

/** Where and when a decision is made. */
export interface AccessContext {
  laneId: string | null;
  /** The way through the lane; null where it is not known (no occupancy, no anti-passback then). */
  way: Way | null;
  /**
   * The way is told from the motion, so that it may become known later in the passage.
   * Absent where it is not, and in decisions stored before this was looked at.
   */
  wayByMotion?: boolean;
  /** Milliseconds since the epoch. */
  clock: number;
  site: { id: string; timeZone: string };
  rules: LaneRules;
  /** What another system said of the plate, where one is asked. */
  external?: ExternalAnswer;
}

/** Another system's word on a plate. */
export interface ExternalAnswer {
  allowed: boolean;
  /** What it said, or why there is no answer (then it is not allowed). */
  detail: string;
}

/**
 * All that a decision depended on, small enough to be stored with it: `decide` gives
 * the same again from it (`plategate replay`). Owner, contact and PIN are left out.
 */
export interface DecisionFacts {
  /** Only the entries that the read could have meant. */
  lists: AccessSnapshot;
  state: {
    mode: SiteMode;
    presences: Presence[];
    counts: OccupancyCounts;
    passUses: Record<string, number>;
    factors: FactorToken[];
  };
  context: AccessContext;
  /** The read, normalised. */
  text: string;
  /** Of the passage: whether it was final and when it was last seen. */
  final: boolean;
  lastSeen: number;
  direction: Direction;
  confidence: number;
  /** Why there is no text, where there is none. */
  unread?: string;
}
