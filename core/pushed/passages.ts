import { createHash } from "node:crypto";
import type { CharacterRead, Passage, PassageVote } from "../messages";
import { normalisePlate } from "../plates/normalise";
import type { PushedImages, PushedRead, PushSource } from "./types";

export interface PushOptions {
  source: PushSource;
  /** What reads are filed under where the source names no camera. */
  cameraId: string;
  /** The lane of a camera; null: none. */
  laneOf: (cameraId: string) => string | null;
  /** For sources that name no confidence. */
  assumedConfidence: number;
  /** A report that comes later than this after it happened, or one of no sure time, moves no gate (ms). */
  lateMs: number;
  /** The same plate of the same camera within this time is the same vehicle (ms). */
  sameMs: number;
  /** Whose clock stamps a read: "arrival" where the camera's is wrong. */
  clock: "camera" | "arrival";
}

/** What a report means. */
export type Taken =
  | { kind: "passage"; passage: Passage; late: boolean; clock: "fine" | "wrong" }
  /** It was told before, or it is of a vehicle that was told already. */
  | { kind: "duplicate" }
  /** It says nothing of a plate, or ends something that never began here. */
  | { kind: "nothing" };

interface Track {
  passage: Passage;
  votes: PassageVote[];
  late: boolean;
  /** The source said that the vehicle is gone: what is read of it now is for the record. */
  ended: boolean;
  touchedAt: number;
}

/** When a report happened, as far as that can be known. */
interface Seen {
  camera: string;
  at: number;
  late: boolean;
  clock: "fine" | "wrong";
  /** When it arrived. */
  now: number;
}

/** What was told last of a plate at a camera. */
type Told = Pick<Passage, "id" | "revision" | "confidence" | "firstSeen"> & {
  at: number;
  late: boolean;
};

/** A clock that is ahead of ours by more than this is wrong (ms). */
const AHEAD_MS = 5_000;
/** A track that nothing is heard of for this long is final: a refusal is said then (ms). */
export const SETTLE_MS = 5_000;
/** How long a track's name means the same vehicle: it may be read again as it drives off (ms). */
export const TRACK_MS = 600_000;
const MAX_TRACKS = 500;
const MAX_KEYS = 20_000;
const MAX_VOTES = 64;

/**
 * Makes passages of what cameras report: one a vehicle, the same report once however
 * often it comes, and what comes late marked so that no gate opens for it.
 */
export class PushedPassages {
  private readonly seen = new Set<string>();
  private readonly tracks = new Map<string, Track>();
  /** By camera and plate. */
  private readonly recent = new Map<string, Told>();

  constructor(private readonly options: PushOptions) {}

  /** @param now ms since the epoch: when the report arrived */
  take(read: PushedRead, images: PushedImages, now: number): Taken {
    const camera = read.camera ?? this.options.cameraId;
    if (this.isKnown(`${camera}|${read.key}`)) return { kind: "duplicate" };
    const seen = { camera, now, ...this.timeOf(read, now) };
    return read.phase === "whole" ? this.whole(read, images, seen) : this.step(read, images, seen);
  }

  /** Makes tracks final that nothing was heard of for {@link SETTLE_MS}; later steps revise them. */
  settle(now: number): { passage: Passage; late: boolean }[] {
    for (const [name, { touchedAt }] of this.tracks) {
      if (now - touchedAt >= TRACK_MS) this.tracks.delete(name);
    }
    const quiet = [...this.tracks.values()].filter(
      ({ passage, touchedAt }) => passage.state !== "final" && now - touchedAt >= SETTLE_MS,
    );
    return quiet.map((track) => {
      const revision = track.passage.revision + 1;
      track.passage = { ...track.passage, state: "final", revision };
      return { passage: handedOut(track), late: track.late };
    });
  }

  private whole(read: PushedRead, images: PushedImages, seen: Seen): Taken {
    const { camera, at, late, clock } = seen;
    const vote = this.voteOf(read, at);
    const told = vote.text === "" ? null : this.sameVehicle(`${camera}|${vote.text}`, seen);
    if (told && !isBetter(vote, late, told)) return { kind: "duplicate" };
    const passage = this.begin(read, camera, at, `${camera}|${read.key}`);
    if (told) {
      const { id, revision, firstSeen } = told;
      Object.assign(passage, { id, revision: revision + 1, firstSeen });
    }
    Object.assign(passage, { state: "final", images: merged(images, read.images) });
    const whole = withVotes(passage, [vote], read);
    if (vote.text !== "") this.tell(`${camera}|${vote.text}`, { ...whole, at, late });
    return { kind: "passage", late, clock, passage: whole };
  }

  private step(read: PushedRead, images: PushedImages, seen: Seen): Taken {
    const { camera, at, now, clock } = seen;
    const name = `${camera}|${read.track}`;
    const known = this.tracks.get(name);
    if (!known && normalisePlate(read.text) === "") return { kind: "nothing" };
    const track: Track = known ?? {
      passage: this.begin(read, camera, at, `${name}|${at}`),
      votes: [],
      late: read.phase === "end", // it began where nobody listened, and is gone
      ended: false,
      touchedAt: now,
    };
    const vote = this.voteOf(read, at);
    // the end repeats what was read last: no second witness
    const counts = vote.text !== "" && (read.phase === "step" || track.votes.length === 0);
    if (counts) track.votes = [...track.votes, vote].slice(-MAX_VOTES);
    const { passage } = track;
    if (read.phase === "step") passage.lastSeen = Math.max(passage.lastSeen, at);
    passage.revision += known ? 1 : 0;
    passage.images = merged(merged(images, read.images), passage.images);
    if (read.direction !== "unknown") passage.direction = read.direction;
    track.passage = withVotes(passage, track.votes, read);
    track.touchedAt = now;
    track.late ||= read.phase === "step" && (seen.late || track.ended);
    if (read.phase === "end") {
      track.ended = true;
      track.passage.state = "final";
    }
    this.keep(name, track);
    const told = read.phase === "end" ? "fine" : clock;
    return { kind: "passage", passage: handedOut(track), late: track.late, clock: told };
  }

  private keep(name: string, track: Track): void {
    this.tracks.delete(name);
    this.tracks.set(name, track);
    const [oldest] = this.tracks.keys();
    if (this.tracks.size > MAX_TRACKS && oldest !== undefined) this.tracks.delete(oldest);
  }

  /** What has no time, or one to come, may be of any time: it is recorded now and moves no gate. */
  private timeOf(
    { at, retransmitted }: PushedRead,
    now: number,
  ): Pick<Seen, "at" | "late" | "clock"> {
    // what is sent again has no other time than the camera's
    const arrival = this.options.clock === "arrival";
    if (arrival && !retransmitted) return { at: now, late: false, clock: "fine" };
    if (at === null || at > now + AHEAD_MS) {
      return { at: now, late: true, clock: arrival ? "fine" : "wrong" };
    }
    return { at, late: retransmitted || now - at > this.options.lateMs, clock: "fine" };
  }

  private isKnown(key: string): boolean {
    if (this.seen.has(key)) return true;
    this.seen.add(key);
    const [oldest] = this.seen;
    if (this.seen.size > MAX_KEYS && oldest !== undefined) this.seen.delete(oldest);
    return false;
  }

  /** What was told of the plate a moment ago. A late report keeps no moment going. */
  private sameVehicle(key: string, { at, late }: Seen): Told | null {
    const told = this.recent.get(key);
    if (!told || Math.abs(at - told.at) >= this.options.sameMs) return null;
    if (!late) this.tell(key, { ...told, at: Math.max(at, told.at) });
    return told;
  }

  private tell(key: string, { id, revision, confidence, firstSeen, at, late }: Told): void {
    // what is late takes nothing from what was told when it happened
    if (late && this.recent.get(key)?.late === false) return;
    this.recent.delete(key);
    this.recent.set(key, { id, revision, confidence, firstSeen, at, late });
    const [oldest] = this.recent.keys();
    if (this.recent.size > MAX_KEYS && oldest !== undefined) this.recent.delete(oldest);
  }

  private voteOf(read: PushedRead, capturedAt: number): PassageVote {
    const text = normalisePlate(read.text);
    const fits = read.characters?.length === text.length ? read.characters : [];
    const confidence = read.confidence ?? this.options.assumedConfidence;
    return { text, confidence, characters: fits, capturedAt, box: read.box ?? [0, 0, 0, 0] };
  }

  private begin(read: PushedRead, cameraId: string, at: number, name: string): Passage {
    return {
      id: idOf(`${this.options.source}|${name}`),
      cameraId,
      laneId: this.options.laneOf(cameraId),
      state: "preliminary",
      revision: 1,
      text: "",
      confidence: 0,
      characters: [],
      region: read.region,
      reads: 0,
      votes: [],
      direction: read.direction,
      firstSeen: at,
      lastSeen: at,
      firstReadable: null,
      best: null,
      images: { frame: null, crop: null },
    };
  }
}

/** Whether a report says more than what was told: it is surer, or that came too late for the gate. */
function isBetter({ confidence }: PassageVote, late: boolean, told: Told): boolean {
  if (late && !told.late) return false;
  return confidence > told.confidence || (told.late && !late);
}

/** The text that most confidence speaks for; of equals the later. */
function withVotes(passage: Passage, votes: PassageVote[], read: PushedRead): Passage {
  const weight = new Map<string, number>();
  for (const { text, confidence } of votes) {
    if (text !== "") weight.set(text, (weight.get(text) ?? 0) + confidence);
  }
  const most = Math.max(0, ...weight.values());
  const text = [...weight].findLast(([, sum]) => sum === most)?.[0] ?? "";
  const own = votes.filter((vote) => vote.text === text);
  const best = own.toSorted((a, b) => b.confidence - a.confidence)[0];
  const told = { source_text: read.text, candidates: read.candidates, ...read.vehicle };
  return {
    ...passage,
    text,
    confidence: best?.confidence ?? 0,
    characters: charactersOf(text, best),
    region: read.region ?? passage.region,
    reads: weight.size === 0 ? 0 : votes.length,
    votes,
    firstReadable: text === "" ? null : (passage.firstReadable ?? passage.lastSeen),
    ...(read.phase === "end" && passage.vehicle ? {} : { vehicle: told }),
    ...(text === "" ? { reason: "unreadable" } : {}),
  };
}

function charactersOf(text: string, vote: PassageVote | undefined): CharacterRead[] {
  if (!vote || vote.characters.length !== text.length) return [];
  return [...text].map((char, i) => ({
    char,
    confidence: vote.characters[i] ?? 0,
    alternatives: [],
  }));
}

/** What was handed out does not change any more; pictures of what is final are not kept. */
function handedOut(track: Track): Passage {
  const { passage } = track;
  if (passage.state === "final")
    track.passage = { ...passage, images: { frame: null, crop: null } };
  return { ...passage, votes: [...passage.votes], images: { ...passage.images } };
}

function merged(first: PushedImages, second: PushedImages): PushedImages {
  return { frame: first.frame ?? second.frame, crop: first.crop ?? second.crop };
}

/** The same name is the same passage, also after a restart: an event is stored once. */
function idOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20, 32)].join("-");
}
