import { differsOnlyByConfusables } from "../../plates/confusables";
import { intersection, iou } from "../geometry";
import { centre } from "./motion";
import type { TrackerSettings } from "./settings";
import { ALIKE, contradict, textDistance } from "./text-distance";
import { isText, MOMENTS_MS, type Sighting, type Track } from "./track";

/** Readings nearer than this are the same text read a little differently. */
const SAME_TEXT = 0.08;
/** Readings farther apart than this have nothing to do with each other. */
const OTHER_TEXT = 0.5;
/** One character in five or fewer is other: a sure misread, or another car of a fleet. */
const KIN_TEXT = 0.2;
/** A standing car may be hidden for half as long as it has stood, at most so long, in ms. */
const MAX_HIDDEN_MS = 60_000;
/** Plate widths a second that a car may be off its predicted way. */
const WANDER = 6;
/** Plate widths off its way at which a plate with a sure misread is still taken for itself. */
const NEAR = 2;
/** The same after twice the time. */
const ON_ITS_WAY = 0.5;
const SURE_TEXT = 0.6;

/** Which sighting belongs to which track, and which begin a new one. */
export interface Assignment {
  matched: { track: Track; sighting: Sighting }[];
  /** `rival` is the track in whose place it is, though its text says otherwise. */
  fresh: { sighting: Sighting; rival: Track | null }[];
}

/** How long a track may stay unseen before its passage ends, in ms. */
export function patience(track: Track, settings: TrackerSettings): number {
  return Math.max(settings.gapMs, Math.min(MAX_HIDDEN_MS, track.motion.standingMs / 2));
}

/**
 * Gives each sighting of a frame to at most one track and each track at most one,
 * cheapest pairs first.
 */
export function associate(
  tracks: readonly Track[],
  sightings: readonly Sighting[],
  time: number,
  settings: TrackerSettings,
): Assignment {
  const pairs = tracks.flatMap((track) =>
    sightings.flatMap((sighting) => {
      const cost = costOf(track, sighting, time, settings);
      return cost === null ? [] : [{ track, sighting, cost }];
    }),
  );
  pairs.sort((a, b) => a.cost - b.cost);
  const taken = new Set<Track | Sighting>();
  const matched: Assignment["matched"] = [];
  for (const { track, sighting } of pairs) {
    if (taken.has(track) || taken.has(sighting)) continue;
    taken.add(track).add(sighting);
    matched.push({ track, sighting });
  }
  const left = sightings.filter((sighting) => !taken.has(sighting));
  return {
    matched,
    fresh: left.map((sighting) => ({ sighting, rival: rivalOf(sighting, tracks, time) })),
  };
}

/** What it would cost to take a sighting for a track's vehicle; null where it cannot be. */
function costOf(
  track: Track,
  { read }: Sighting,
  time: number,
  settings: TrackerSettings,
): number | null {
  const { far, tight, near, plausible, samePlace } = placeOf(track, read.detection.box, time);
  const hidden = time - track.lastSeen > settings.gapMs;
  if (!isText(read) || track.current.characters.length === 0) {
    if (hidden) return samePlace ? 0.5 + far : null;
    return plausible ? 0.5 + far : null;
  }
  if (!plausible && !samePlace && !sameTextElsewhere(track.current.text, read.text)) return null;
  const distance = Math.min(
    textDistance(track.current.characters, read.characters),
    textDistance(track.lastCharacters, read.characters),
  );
  if (hidden) return samePlace && distance <= SAME_TEXT ? distance + far : null;
  if (distance <= SAME_TEXT) return plausible ? distance + far * 0.1 : 1 + distance;
  const contradicted = contradict(track.current.characters, read.characters);
  if (distance <= OTHER_TEXT && !contradicted) return plausible ? distance + far : null;
  if (distance <= OTHER_TEXT) return near ? distance + far : null;
  if (!tight) return null;
  const bothSure = read.confidence >= SURE_TEXT && track.current.confidence >= SURE_TEXT;
  return bothSure ? null : 1.5 + far;
}

/** Whether two texts may be nearer than {@link SAME_TEXT}; spares most pairs the measuring. */
function sameTextElsewhere(a: string, b: string): boolean {
  return a.includes(b) || b.includes(a) || differsOnlyByConfusables(a, b, ALIKE);
}

interface Place {
  /** Distance from where it should be, as a share of how far it may be. */
  far: number;
  /** Just where it should be, moments later. */
  tight: boolean;
  /** Not far from where it should be, moments later. */
  near: boolean;
  plausible: boolean;
  /** Where it was last seen. */
  samePlace: boolean;
}

function placeOf(track: Track, box: Sighting["read"]["detection"]["box"], time: number): Place {
  const elapsed = time - track.lastSeen;
  const predicted = track.motion.predicted(time);
  const [px, py] = centre(predicted);
  const [x, y] = centre(box);
  const width = Math.max(predicted[2], box[2], 1);
  const off = Math.hypot(x - px, y - py) / width;
  const reach = 1 + (WANDER * elapsed) / 1000;
  const ratio = Math.sqrt((box[2] * box[3]) / Math.max(1, predicted[2] * predicted[3]));
  const stretch = 1.6 + elapsed / 1000;
  const likeSize = ratio < stretch && ratio > 1 / stretch;
  return {
    far: Math.min(1, off / reach),
    near:
      likeSize &&
      off <= (elapsed <= MOMENTS_MS ? Math.min(reach, NEAR) : ON_ITS_WAY) &&
      elapsed <= 2 * MOMENTS_MS,
    tight: elapsed <= MOMENTS_MS && likeSize && (iou(predicted, box) >= 0.3 || off <= 0.5),
    plausible: likeSize && off <= reach,
    samePlace: iou(track.motion.box, box) >= 0.4,
  };
}

/**
 * The sightings of a frame without doubles, surest first. Two boxes on one plate, and
 * one text in two places (a plate is unique: the other is a reflection), are doubles.
 */
export function distinct(sightings: readonly Sighting[], minLength: number): Sighting[] {
  const kept: Sighting[] = [];
  const sorted = [...sightings].sort((a, b) => rank(b) - rank(a));
  for (const sighting of sorted) {
    if (!kept.some((other) => isDouble(other, sighting, minLength))) kept.push(sighting);
  }
  return kept;
}

function rank({ read }: Sighting): number {
  return isText(read) ? 1 + read.confidence : read.detection.confidence;
}

function isDouble({ read: a }: Sighting, { read: b }: Sighting, minLength: number): boolean {
  const [, , aw, ah] = a.detection.box;
  const [, , bw, bh] = b.detection.box;
  const shared = intersection(a.detection.box, b.detection.box);
  if (shared > 0.6 * Math.min(aw * ah, bw * bh)) return true;
  return isText(a) && isText(b) && a.text === b.text && [...a.text].length >= minLength;
}

function rivalOf({ read }: Sighting, tracks: readonly Track[], time: number): Track | null {
  const inPlace = tracks.find((track) => {
    const { tight, samePlace } = placeOf(track, read.detection.box, time);
    return tight || samePlace;
  });
  return inPlace ?? null;
}

/** Whether a track is where another is: two vehicles cannot be, so one is a misread. */
export function inPlaceOf(track: Track, other: Track): boolean {
  return iou(track.motion.box, other.motion.box) >= 0.3;
}

/** Notes, on a new track and the others, whose text is nearly the same but was not seen with it. */
export function linkKin(fresh: Track, others: readonly Track[]): void {
  for (const other of others) {
    const together = other.lastSeen === fresh.lastSeen;
    if (together || textDistance(fresh.lastCharacters, other.lastCharacters) > KIN_TEXT) continue;
    fresh.kin ??= other;
    if (!other.sent) other.kin ??= fresh;
  }
}
