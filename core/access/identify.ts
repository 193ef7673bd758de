import type { ConfusableTable } from "../plates/confusables";
import {
  acceptedReads,
  acceptedReadsOverlap,
  confusableKey,
  differsOnlyByConfusables,
} from "../plates/confusables";
import { normalisePlate } from "../plates/normalise";
import type { AccessIndex, Identity } from "./index-lists";
import { confusablesOf, indexOf } from "./index-lists";
import type { AccessSettings, AccessSnapshot, Vehicle } from "./types";

/** Whom a read was taken for. */
export type Identification =
  | { kind: "exact" | "confusable"; identity: Identity; candidates: Identity[] }
  | { kind: "ambiguous"; candidates: Identity[] }
  | { kind: "unknown"; candidates: Identity[] };

/**
 * The false-open budget: a read means an entry when it is that plate, or when it
 * differs from it only in confusable pairs of the list and there is no second entry
 * that it could be. Any other difference is another vehicle, however small.
 * @param text normalised
 */
export function identify(
  index: AccessIndex,
  text: string,
  maxConfusables: number | null,
): Identification {
  const near = index.byKey.get(confusableKey(text, index.table)) ?? [];
  const candidates = near.filter((identity) =>
    differsOnlyByConfusables(text, identity.plate, index.table),
  );
  const exact = index.byPlate.get(text);
  if (exact) return { kind: "exact", identity: exact, candidates };
  const [identity, second] = candidates;
  if (!identity) return { kind: "unknown", candidates };
  if (second) return { kind: "ambiguous", candidates };
  if (maxConfusables !== null && differences(text, identity.plate) > maxConfusables) {
    return { kind: "unknown", candidates };
  }
  return { kind: "confusable", identity, candidates };
}

function differences(a: string, b: string): number {
  const right = [...b];
  return [...a].filter((char, i) => char !== right[i]).length;
}

/**
 * The vehicle with which a new or changed entry could be confused at the gate: some
 * read would be taken for both. Null where there is none.
 * @param vehicle its `id` (null for a new one) is not compared with itself
 */
export function findCollision(
  vehicle: { id: string | null; plate: string },
  snapshot: AccessSnapshot,
): Vehicle | null {
  const { byKey, table } = indexOf(snapshot);
  const plate = normalisePlate(vehicle.plate);
  for (const { vehicle: other } of byKey.get(confusableKey(plate, table)) ?? []) {
    if (other && other.id !== vehicle.id && acceptedReadsOverlap(plate, other.plate, table)) {
      return other;
    }
  }
  return null;
}

/** Plates that collide with one another inside a list that is being made. */
export class CollisionFinder {
  private readonly byKey = new Map<string, Pick<Vehicle, "id" | "plate">[]>();

  constructor(private readonly table: ConfusableTable) {}

  /** Adds an entry unless it collides. @returns the entry it collides with, or null */
  add(entry: Pick<Vehicle, "id" | "plate">): Pick<Vehicle, "id" | "plate"> | null {
    const key = confusableKey(entry.plate, this.table);
    const bucket = this.byKey.get(key) ?? [];
    const other = bucket.find((known) =>
      acceptedReadsOverlap(entry.plate, known.plate, this.table),
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
  /** Reads that would open for it, the plate itself first; at most `limit`. */
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
  const text = normalisePlate(plate);
  const { reads, total } = acceptedReads(text, confusablesOf(settings), limit);
  const { maxConfusables } = settings;
  if (maxConfusables === null) return { plate: text, accepted: reads, total };
  const accepted = reads.filter((read) => differences(read, text) <= maxConfusables);
  return { plate: text, accepted, total: accepted.length };
}
