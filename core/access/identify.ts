import type { ConfusableTable } from "../plates/confusables";
import {
  acceptedReads,
  acceptedReadsOverlap,
  confusableKey,
  differsOnlyByConfusables,
} from "../plates/confusables";
import { gatePlate, provincesAgree, type GatePlate } from "../plates/gate-plate";
import { normalisePlate } from "../plates/normalise";
import type { AccessIndex, Identity } from "./index-lists";
import { confusablesOf, indexOf } from "./index-lists";
import type { AccessSettings, AccessSnapshot, Vehicle, VisitorPass } from "./types";

/** Whom a read was taken for. */
export type Identification =
  | { kind: "exact" | "confusable"; identity: Identity; candidates: Identity[] }
  | { kind: "ambiguous"; candidates: Identity[] }
  | { kind: "unknown"; candidates: Identity[] };

/**
 * The false-open budget: a read means an entry when it is that plate, or when it
 * differs from it only in confusable pairs of the list and there is no second entry
 * that it could be. Any other difference is another vehicle, however small. The province
 * of a Thai plate is compared where the read and the entry both have one.
 * @param text normalised
 */
export function identify(
  index: AccessIndex,
  text: string,
  maxConfusables: number | null,
): Identification {
  const read = gatePlate(text);
  const near = index.byKey.get(confusableKey(read.text, index.table)) ?? [];
  const candidates = near.filter(
    ({ gate }) =>
      provincesAgree(read, gate) && differsOnlyByConfusables(read.text, gate.text, index.table),
  );
  const exact = candidates.filter(({ gate }) => gate.text === read.text);
  const [first] = exact.length > 0 ? exact : candidates;
  if (!first) return { kind: "unknown", candidates };
  const identity = oneOf(exact.length > 0 ? exact : candidates, first);
  if (!identity) return { kind: "ambiguous", candidates };
  if (exact.length > 0) return { kind: "exact", identity, candidates };
  if (maxConfusables !== null && differences(read.text, first.gate.text) > maxConfusables) {
    return { kind: "unknown", candidates };
  }
  return { kind: "confusable", identity, candidates };
}

/**
 * The one plate that entries mean: a vehicle and visitors' passes for it, of which some
 * have the province and some have not. Null where they could be two vehicles.
 */
function oneOf(entries: readonly Identity[], first: Identity): Identity | null {
  if (entries.length === 1) return first;
  const [vehicle = null, second] = entries.flatMap((entry) => entry.vehicle ?? []);
  const written = entries.find(({ gate }) => gate.province !== null) ?? first;
  if (second || !entries.every(({ gate }) => samePlate(gate, written.gate))) return null;
  return { ...written, vehicle, passes: entries.flatMap(({ passes }) => passes) };
}

function samePlate(a: GatePlate, b: GatePlate): boolean {
  return a.text === b.text && provincesAgree(a, b);
}

/**
 * The texts by which an entry is looked for on the deny list: as the read showed it (of
 * any province where the read has none) and as it was enrolled.
 * @param text the read, normalised
 */
export function deniableAs({ gate, plate }: Identity, text: string): string[] {
  return [...new Set([gate.text + (gatePlate(text).province ?? ""), plate])];
}

function differences(a: string, b: string): number {
  const right = [...b];
  return [...a].filter((char, i) => char !== right[i]).length;
}

/** An entry that the gate could not tell from another; one of vehicle and pass is null. */
export interface Collision {
  plate: string;
  vehicle: Vehicle | null;
  pass: VisitorPass | null;
}

/**
 * The entry with which a new or changed vehicle could be confused at the gate: some
 * read would be taken for both. Null where there is none. A visitor's pass for the
 * vehicle's very plate is none: it helps the vehicle.
 * @param vehicle its `id` (null for a new one) is not compared with itself
 */
export function findCollision(
  vehicle: { id: string | null; plate: string },
  snapshot: AccessSnapshot,
): Collision | null {
  const own = gatePlate(normalisePlate(vehicle.plate));
  for (const { vehicle: other, passes, plate, gate } of lookAlikes(own, snapshot)) {
    if (other && other.id !== vehicle.id) return { plate, vehicle: other, pass: null };
    if (!samePlate(gate, own) && passes[0]) return { plate, vehicle: null, pass: passes[0] };
  }
  return null;
}

/**
 * The vehicle or active pass with another plate that some read of a pass's plate could
 * mean too. Null where there is none.
 * @param pass its `id` (null for a new one) is not compared with itself
 */
export function findPassCollision(
  pass: { id: string | null; plate: string },
  snapshot: AccessSnapshot,
): Collision | null {
  const own = gatePlate(normalisePlate(pass.plate));
  for (const { vehicle, passes, plate, gate } of lookAlikes(own, snapshot)) {
    if (samePlate(gate, own)) continue;
    if (vehicle) return { plate, vehicle, pass: null };
    const other = passes.find(({ id }) => id !== pass.id);
    if (other) return { plate, vehicle: null, pass: other };
  }
  return null;
}

/** Entries of which some read could also mean this plate; a read may lack the province. */
function lookAlikes({ text }: GatePlate, snapshot: AccessSnapshot): Identity[] {
  const { byKey, table } = indexOf(snapshot);
  const near = byKey.get(confusableKey(text, table)) ?? [];
  return near.filter(({ gate }) => acceptedReadsOverlap(text, gate.text, table));
}

/** Two plates of the lists that one read could mean. */
export interface PlatePair {
  plate: string;
  other: string;
}

/**
 * All plates of the lists that the gate cannot tell apart by some read, as after a
 * change of the pairs that count as look-alikes. Such a read opens for neither.
 * @returns at most `limit` pairs, and how many there are
 */
export function listedCollisions(
  snapshot: AccessSnapshot,
  limit: number,
): { pairs: PlatePair[]; total: number } {
  const { byKey, table } = indexOf(snapshot);
  const pairs: PlatePair[] = [];
  let total = 0;
  for (const near of byKey.values()) {
    for (const [i, one] of near.entries()) {
      for (const other of near.slice(i + 1)) {
        if (oneOf([one, other], one)) continue;
        if (!acceptedReadsOverlap(one.gate.text, other.gate.text, table)) continue;
        total += 1;
        if (pairs.length < limit) pairs.push({ plate: one.plate, other: other.plate });
      }
    }
  }
  return { pairs, total };
}

/** Plates that collide with one another inside a list that is being made. */
export class CollisionFinder {
  private readonly byKey = new Map<string, Pick<Vehicle, "id" | "plate">[]>();

  constructor(private readonly table: ConfusableTable) {}

  /** Adds an entry unless it collides. @returns the entry it collides with, or null */
  add(entry: Pick<Vehicle, "id" | "plate">): Pick<Vehicle, "id" | "plate"> | null {
    const { text } = gatePlate(entry.plate);
    const key = confusableKey(text, this.table);
    const bucket = this.byKey.get(key) ?? [];
    const other = bucket.find((known) =>
      acceptedReadsOverlap(text, gatePlate(known.plate).text, this.table),
    );
    if (other) return other;
    bucket.push(entry);
    this.byKey.set(key, bucket);
    return null;
  }
}

export interface AcceptedPreview {
  /** As it would be enrolled. */
  plate: string;
  /** Reads that would open for it, the plate itself first (Thai: without province); at most `limit`. */
  accepted: string[];
  /** How many there are in all. */
  total: number;
}

/** Shows which reads an entry would accept, before it is saved. */
export function previewAccepted(
  plate: string,
  settings: Pick<AccessSettings, "confusables" | "maxConfusables">,
  limit = 256,
): AcceptedPreview {
  const whole = normalisePlate(plate);
  const { text } = gatePlate(whole);
  const { reads, total } = acceptedReads(text, confusablesOf(settings), limit);
  const { maxConfusables } = settings;
  if (maxConfusables === null) return { plate: whole, accepted: reads, total };
  const accepted = reads.filter((read) => differences(read, text) <= maxConfusables);
  return { plate: whole, accepted, total: accepted.length };
}
