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
  /** A report that comes later than this after it happened moves no gate (ms). */
  lateMs: number;
  /** The same plate of the same camera within this time is the same vehicle (ms). */
  sameMs: number;
  /** Whose clock stamps a read: "arrival" where the camera's is wrong. */
  clock: "camera" | "arrival";
}

/** What a report means. */
export type Taken =
  | { kind: "passage"; passage: Passage; late: boolean }
  /** It was told before, or it is of a vehicle that was told already. */
  | { kind: "duplicate" }
  /** It says nothing of a plate, or ends something that never began here. */
  | { kind: "nothing" };

interface Track {
  passage: Passage;
  votes: PassageVote[];
  late: boolean;
  touchedAt: number;
}

/** A clock that is ahead of ours by more than this is wrong (ms). */
const AHEAD_MS = 5_000;
/** A track that nothing is heard of for this long is over (ms). */
export const SETTLE_MS = 30_000;
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
  /** Camera and plate → when it was last seen. */
  private readonly recent = new Map<string, number>();

  constructor(private readonly options: PushOptions) {}

  /** @param now ms since the epoch: when the report arrived */
  take(read: PushedRead, images: PushedImages, now: number): Taken {
    const camera = read.camera ?? this.options.cameraId;
    if (this.isKnown(`${camera}|${read.key}`)) return { kind: "duplicate" };
    const at = this.timeOf(read, now);
    const late = read.retransmitted || now - at > this.options.lateMs;
    if (read.phase === "whole") return this.whole(read, images, { camera, at, late });
    return this.step(read, images, { camera, at, late, now });
  }

  /** Ends tracks that nothing was heard of for {@link SETTLE_MS}. */
  settle(now: number): { passage: Passage; late: boolean }[] {
    const over = [...this.tracks].filter(([, { touchedAt }]) => now - touchedAt >= SETTLE_MS);
    return over.map(([name, track]) => {
      this.tracks.delete(name);
      return { passage: final(track), late: this.isLate(track, now) };
    });
  }

  private whole(
    read: PushedRead,
    images: PushedImages,
    { camera, at, late }: { camera: string; at: number; late: boolean },
  ): Taken {
    const vote = this.voteOf(read, at);
    if (vote.text !== "" && this.isSameVehicle(camera, vote.text, at)) return { kind: "duplicate" };
    const passage = this.begin(read, camera, at, `${camera}|${read.key}`);
    Object.assign(passage, { state: "final", images: merged(images, read.images) });
    return { kind: "passage", late, passage: withVotes(passage, [vote], read) };
  }

  private step(
    read: PushedRead,
    images: PushedImages,
    { camera, at, late, now }: { camera: string; at: number; late: boolean; now: number },
  ): Taken {
    const name = `${camera}|${read.track}`;
    const known = this.tracks.get(name);
    if (!known && normalisePlate(read.text) === "") return { kind: "nothing" };
    const track: Track = known ?? {
      passage: this.begin(read, camera, at, `${name}|${at}`),
      votes: [],
      late,
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
    track.late ||= late && read.phase === "step";
    if (read.phase === "end") {
      this.tracks.delete(name);
      track.passage.state = "final";
    } else this.keep(name, track);
    return { kind: "passage", passage: copy(track.passage), late: this.isLate(track, now) };
  }

  private keep(name: string, track: Track): void {
    this.tracks.delete(name);
    this.tracks.set(name, track);
    const [oldest] = this.tracks.keys();
    if (this.tracks.size > MAX_TRACKS && oldest !== undefined) this.tracks.delete(oldest);
  }

  private isLate({ late, passage }: Track, now: number): boolean {
    return late || now - passage.lastSeen > this.options.lateMs;
  }

  private timeOf({ at, retransmitted }: PushedRead, now: number): number {
    if (at === null) return now;
    // what is sent again has no other time than the camera's
    if (this.options.clock === "arrival" && !retransmitted) return now;
    return at > now + AHEAD_MS ? now : at;
  }

  private isKnown(key: string): boolean {
    if (this.seen.has(key)) return true;
    this.seen.add(key);
    const [oldest] = this.seen;
    if (this.seen.size > MAX_KEYS && oldest !== undefined) this.seen.delete(oldest);
    return false;
  }

  private isSameVehicle(camera: string, text: string, at: number): boolean {
    const key = `${camera}|${text}`;
    const last = this.recent.get(key);
    this.recent.delete(key);
    this.recent.set(key, Math.max(at, last ?? at));
    const [oldest] = this.recent.keys();
    if (this.recent.size > MAX_KEYS && oldest !== undefined) this.recent.delete(oldest);
    return last !== undefined && Math.abs(at - last) < this.options.sameMs;
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

function final({ passage }: Track): Passage {
  return { ...passage, state: "final", revision: passage.revision + 1 };
}

/** What was handed out does not change any more. */
function copy(passage: Passage): Passage {
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
