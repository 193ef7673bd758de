import type { ConfusableTable } from "../plates/confusables";
import { compileConfusables, confusableKey, DEFAULT_CONFUSABLES } from "../plates/confusables";
import { compileEntry, gatePlate, type GatePlate, type PlateMatcher } from "../plates/gate-plate";
import { normalisePlate } from "../plates/normalise";
import type {
  AccessSettings,
  AccessSnapshot,
  Group,
  Schedule,
  Vehicle,
  VisitorPass,
  WatchEntry,
} from "./types";

/** Who a plate belongs to: a registered vehicle, visitors' passes, or both. */
export interface Identity {
  /** As it was enrolled, normalised. */
  plate: string;
  gate: GatePlate;
  vehicle: Vehicle | null;
  passes: VisitorPass[];
}

/** An entry of the watch or the deny list, ready to be matched. */
export interface WatchMatcher {
  entry: WatchEntry;
  matcher: PlateMatcher;
}

/** Entries of one list: plain plates by look-up key, patterns to be tried one by one. */
export interface WatchIndex {
  literals: ReadonlyMap<string, readonly WatchMatcher[]>;
  patterns: readonly WatchMatcher[];
}

/** A snapshot made ready, so that a decision does not depend on the length of the lists. */
export interface AccessIndex {
  table: ConfusableTable;
  /** Identities that a read with this `confusableKey` could mean. */
  byKey: ReadonlyMap<string, readonly Identity[]>;
  groups: ReadonlyMap<string, Group>;
  schedules: ReadonlyMap<string, Schedule>;
  deny: WatchIndex;
  watch: WatchIndex;
}

const indexes = new WeakMap<AccessSnapshot, AccessIndex>();

/**
 * The index of a snapshot: made on first use, then kept with it. Making it takes long
 * for long lists: see {@link prepareIndex}.
 */
export function indexOf(snapshot: AccessSnapshot): AccessIndex {
  const known = indexes.get(snapshot);
  if (known) return known;
  const steps = buildIndex(snapshot);
  let step = steps.next();
  while (!step.done) step = steps.next();
  indexes.set(snapshot, step.value);
  return step.value;
}

/**
 * Makes the index in steps of about a millisecond, so that whoever else wants to run may
 * do so in between.
 * @param pause awaited after each step; resolves when it is time for the next
 */
export async function prepareIndex(
  snapshot: AccessSnapshot,
  pause: () => Promise<void>,
): Promise<void> {
  if (indexes.has(snapshot)) return;
  const steps = buildIndex(snapshot);
  let step = steps.next();
  while (!step.done) {
    await pause();
    step = steps.next();
  }
  indexes.set(snapshot, step.value);
}

/** Plates that need no normalising, as nearly all stored ones are. */
const PLAIN = /^[A-Z0-9]{1,32}$/;

/** Entries put into the index in one step. */
const STEP = 500;

/** The table of confusable pairs that a list uses. */
export function confusablesOf(settings: Pick<AccessSettings, "confusables">): ConfusableTable {
  return settings.confusables === null
    ? DEFAULT_CONFUSABLES
    : compileConfusables(settings.confusables);
}

function* buildIndex(snapshot: AccessSnapshot): Generator<undefined, AccessIndex> {
  const table = confusablesOf(snapshot.settings);
  const byKey = new Map<string, Identity[]>();
  for (const [i, identity] of [...(yield* identities(snapshot))].entries()) {
    push(byKey, confusableKey(identity.gate.text, table), identity);
    if (i % STEP === 0) yield;
  }
  return {
    table,
    byKey,
    groups: new Map(snapshot.groups.map((group) => [group.id, group])),
    schedules: new Map(snapshot.schedules.map((schedule) => [schedule.id, schedule])),
    deny: watchIndex(snapshot.watch, "deny", table),
    watch: watchIndex(snapshot.watch, "watch", table),
  };
}

function* identities(snapshot: AccessSnapshot): Generator<undefined, Iterable<Identity>> {
  const byPlate = new Map<string, Identity>();
  const at = (written: string): Identity | null => {
    const plate = PLAIN.test(written) ? written : normalisePlate(written);
    if (plate === "") return null;
    const known = byPlate.get(plate);
    if (known) return known;
    const identity: Identity = { plate, gate: gatePlate(plate), vehicle: null, passes: [] };
    byPlate.set(plate, identity);
    return identity;
  };
  for (const [i, vehicle] of snapshot.vehicles.entries()) {
    const identity = at(vehicle.plate);
    if (identity) identity.vehicle ??= vehicle;
    if (i % STEP === 0) yield;
  }
  for (const pass of snapshot.passes) {
    if (pass.status === "active" && pass.plate !== null) at(pass.plate)?.passes.push(pass);
  }
  return byPlate.values();
}

function watchIndex(
  entries: readonly WatchEntry[],
  list: WatchEntry["list"],
  table: ConfusableTable,
): WatchIndex {
  const literals = new Map<string, WatchMatcher[]>();
  const patterns: WatchMatcher[] = [];
  for (const entry of entries) {
    const ready = entry.list === list && entry.active ? matcherOf(entry, table) : null;
    if (!ready) continue;
    const { literal } = ready.matcher;
    if (literal === null) patterns.push(ready);
    else push(literals, confusableKey(literal, table), ready);
  }
  return { literals, patterns };
}

/** A pattern that cannot be read matches nothing; the validators refuse it beforehand. */
function matcherOf(entry: WatchEntry, table: ConfusableTable): WatchMatcher | null {
  try {
    const confusables = entry.match === "confusable" ? table : undefined;
    return { entry, matcher: compileEntry(entry.pattern, confusables) };
  } catch {
    return null;
  }
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/**
 * Entries of a list that a read hits at an instant.
 * @param text normalised
 */
export function watchHits(
  index: WatchIndex,
  table: ConfusableTable,
  text: string,
  at: number,
): WatchEntry[] {
  const read = gatePlate(text);
  const near = index.literals.get(confusableKey(read.text, table)) ?? [];
  return [...near, ...index.patterns]
    .filter(({ entry }) => entry.expiresAt === null || at <= entry.expiresAt)
    .filter(({ matcher }) => matcher.matches(read))
    .map(({ entry }) => entry);
}
