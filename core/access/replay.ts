import type { DecisionResult, DecisionTrace, Passage, ReasonCode } from "../messages";
import { normalisePlate } from "../plates/normalise";
import { blankGroup, blankPass, blankSchedule, blankVehicle, blankWatchEntry } from "./blank";
import { decide } from "./decide";
import type {
  AccessContext,
  AccessSettings,
  AccessSnapshot,
  AccessState,
  DecisionFacts,
  Group,
  LaneRules,
  Schedule,
  SiteMode,
  Vehicle,
  VisitorPass,
  WatchEntry,
} from "./types";
import { DEFAULT_ACCESS_SETTINGS, DEFAULT_LANE_RULES, SITE_MODES } from "./types";

/** A decision as it was stored. */
export interface StoredDecision {
  id: string;
  result: DecisionResult;
  reason: ReasonCode;
  trace: DecisionTrace;
}

/**
 * A changed rule set. What is left out stays as it was at the time. Entries replace those
 * with the same id (vehicles and passes: or plate) or are added; `remove` takes plates off.
 */
export interface RuleChange {
  /** Other lists, such as those of today, instead of what was kept with the decision. */
  lists?: AccessSnapshot;
  settings?: Partial<AccessSettings>;
  rules?: Partial<LaneRules>;
  mode?: SiteMode;
  vehicles?: (Partial<Vehicle> & { plate: string })[];
  groups?: (Partial<Group> & { id: string })[];
  schedules?: (Partial<Schedule> & { id: string })[];
  passes?: (Partial<VisitorPass> & { plate: string })[];
  watch?: (Partial<WatchEntry> & { pattern: string })[];
  remove?: string[];
}

export interface ResultAndReason {
  result: DecisionResult;
  reason: ReasonCode;
}

export interface Replayed {
  id: string;
  at: number;
  plate: string;
  laneId: string | null;
  was: ResultAndReason;
  /** Made again from what was stored; null where too little was stored. */
  again: ResultAndReason | null;
  /** By the changed rules; null without any. */
  would: ResultAndReason | null;
}

/** Makes a stored decision again and, with a change, as it would have been made then. */
export function replay(stored: StoredDecision, change: RuleChange | null): Replayed {
  const { facts, clock } = stored.trace;
  const was = { result: stored.result, reason: stored.reason };
  const replayed = { id: stored.id, at: clock, was, again: null, would: null };
  if (!facts) return { ...replayed, plate: "", laneId: null };
  return {
    ...replayed,
    plate: facts.text,
    laneId: facts.context.laneId,
    again: verdict(stored, facts, facts.lists, stateOf(facts), facts.context),
    would: change ? changed(stored, facts, change) : null,
  };
}

function changed(
  stored: StoredDecision,
  facts: DecisionFacts,
  change: RuleChange,
): ResultAndReason {
  const state = { ...stateOf(facts), mode: change.mode ?? facts.state.mode };
  const rules = { ...facts.context.rules, ...change.rules };
  return verdict(stored, facts, withChange(change.lists ?? facts.lists, change), state, {
    ...facts.context,
    rules,
  });
}

function verdict(
  stored: StoredDecision,
  facts: DecisionFacts,
  lists: AccessSnapshot,
  state: AccessState,
  context: AccessContext,
): ResultAndReason {
  const { decision } = decide(passageOf(stored, facts), lists, state, context);
  return { result: decision.result, reason: decision.reason };
}

function stateOf({ state }: DecisionFacts): AccessState {
  return {
    mode: state.mode,
    presences: new Map(state.presences.map((presence) => [presence.subject, presence])),
    passUses: new Map(Object.entries(state.passUses)),
    factors: state.factors,
    counts: state.counts,
  };
}

/** The passage as far as rules look at it. */
function passageOf({ id, trace }: StoredDecision, facts: DecisionFacts): Passage {
  return {
    id,
    cameraId: "",
    laneId: facts.context.laneId,
    state: facts.final ? "final" : "preliminary",
    revision: 1,
    text: facts.text,
    confidence: facts.confidence,
    characters: [],
    region: null,
    reads: trace.votes.length,
    votes: trace.votes,
    direction: facts.direction,
    firstSeen: facts.lastSeen,
    lastSeen: facts.lastSeen,
    firstReadable: null,
    best: null,
    images: { frame: null, crop: null },
    ...(facts.unread ? { reason: facts.unread } : {}),
  };
}

const LIST_FIELDS = [
  "settings",
  "vehicles",
  "groups",
  "schedules",
  "passes",
  "watch",
  "remove",
] as const;

function withChange(lists: AccessSnapshot, change: RuleChange): AccessSnapshot {
  if (!LIST_FIELDS.some((field) => change[field] !== undefined)) return lists;
  const gone = new Set((change.remove ?? []).map(normalisePlate));
  const kept = <T extends { plate: string | null }>(entries: readonly T[]): T[] =>
    entries.filter((entry) => entry.plate === null || !gone.has(normalisePlate(entry.plate)));
  const byPlate = (entry: { plate: string | null }): string => normalisePlate(entry.plate ?? "");
  return {
    version: `${lists.version}+change`,
    vehicles: merged(kept(lists.vehicles), change.vehicles, byPlate, (plate) =>
      blankVehicle(`change:${plate}`, plate),
    ),
    groups: merged(lists.groups, change.groups, (group) => group.id, blankGroup),
    schedules: merged(lists.schedules, change.schedules, (entry) => entry.id, blankSchedule),
    passes: merged(kept(lists.passes), change.passes, byPlate, (plate) =>
      blankPass(`change:${plate}`, plate),
    ),
    watch: merged(
      lists.watch,
      change.watch,
      (entry) => entry.pattern,
      (pattern) => blankWatchEntry(`change:${pattern}`, pattern),
    ),
    settings: { ...lists.settings, ...change.settings },
  };
}

/** Puts changes over entries with the same key, and new ones behind them. */
function merged<T extends object, C extends Partial<T>>(
  entries: readonly T[],
  changes: readonly C[] | undefined,
  keyOf: (entry: T) => string,
  blank: (key: string) => T,
): T[] {
  const result = new Map(entries.map((entry) => [keyOf(entry), entry]));
  for (const change of changes ?? []) {
    const key = keyOf({ ...blank(""), ...change });
    result.set(key, { ...(result.get(key) ?? blank(key)), ...change });
  }
  return [...result.values()];
}

/** Verdicts for which a passage that is still in view goes on being read. */
const WAITING: readonly ReasonCode[] = ["low_confidence", "not_final"];

/**
 * Whether the changed rules would have waited for more reads: the decision was made while
 * the vehicle was in view, and what it would have read later was not stored.
 */
export function wouldWait(stored: StoredDecision, would: ResultAndReason): boolean {
  return stored.trace.facts?.final === false && WAITING.includes(would.reason);
}

/** How many decisions went from what to what, most first. */
export interface ReplayCounts {
  total: number;
  /** Stored with too little to make them again. */
  notStored: number;
  /** Made again with another outcome: should be 0. */
  different: number;
  /** By the change: "deny -> open" and so on; equal results under "same". */
  changes: Record<string, number>;
}

/** Counts what {@link replay} gave. */
export function countReplayed(replayed: readonly Replayed[]): ReplayCounts {
  const counts: ReplayCounts = { total: 0, notStored: 0, different: 0, changes: {} };
  for (const { was, again, would } of replayed) {
    counts.total += 1;
    if (!again) counts.notStored += 1;
    else if (!sameVerdict(was, again)) counts.different += 1;
    if (!would) continue;
    const change = was.result === would.result ? "same" : `${was.result} -> ${would.result}`;
    counts.changes[change] = (counts.changes[change] ?? 0) + 1;
  }
  return counts;
}

/** Whether result and reason are the same. */
export function sameVerdict(a: ResultAndReason, b: ResultAndReason): boolean {
  return a.result === b.result && a.reason === b.reason;
}

const RULE_FIELDS = [...LIST_FIELDS, "rules", "mode"] as const;

/**
 * A rule change as somebody wrote it.
 * @throws RangeError naming what is not understood, so that a typing error is not taken for "no change"
 */
export function readRuleChange(written: unknown): RuleChange {
  if (typeof written !== "object" || written === null || Array.isArray(written)) {
    throw new RangeError("changed rules are an object");
  }
  for (const [name, value] of Object.entries(written)) {
    if (!RULE_FIELDS.some((field) => field === name)) throw new RangeError(`unknown: ${name}`);
    const isList = ["vehicles", "groups", "schedules", "passes", "watch", "remove"].includes(name);
    if (isList !== Array.isArray(value))
      throw new RangeError(`${name} is not a list, or should be`);
  }
  const change = written as RuleChange;
  checkNames("settings", change.settings, DEFAULT_ACCESS_SETTINGS);
  checkNames("rules", change.rules, DEFAULT_LANE_RULES);
  const keyed: [string, object[] | undefined, string][] = [
    ["vehicles", change.vehicles, "plate"],
    ["passes", change.passes, "plate"],
    ["groups", change.groups, "id"],
    ["schedules", change.schedules, "id"],
    ["watch", change.watch, "pattern"],
  ];
  for (const [name, entries, key] of keyed) {
    const bad = entries?.find((entry) => !(key in Object(entry)));
    if (bad) throw new RangeError(`an entry of ${name} has no ${key}`);
  }
  if (change.mode !== undefined && !SITE_MODES.includes(change.mode)) {
    throw new RangeError(`mode is one of ${SITE_MODES.join(", ")}`);
  }
  return change;
}

function checkNames(what: string, given: object | undefined, known: object): void {
  const unknown = Object.keys(given ?? {}).find((name) => !(name in known));
  if (unknown !== undefined) throw new RangeError(`unknown: ${what}.${unknown}`);
}
