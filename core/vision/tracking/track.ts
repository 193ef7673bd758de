import type { CharacterRead, Direction, FrameRef, Passage, Read } from "../../messages";
import { differsOnlyByConfusables } from "../../plates/confusables";
import { rankByFormat } from "../../plates/formats";
import { consensus, type ConsensusText } from "./consensus";
import { ALIKE } from "./text-distance";
import { Motion } from "./motion";
import type { TrackerSettings } from "./settings";

/** Votes that a passage keeps: the weightiest. */
const MAX_VOTES = 64;
/** Of these so many of the weightiest make the text, so that late, near reads can outvote many far ones. */
const VOTING = 24;
/** A plate this high in pixels or more is as readable as it gets. */
const CLEAR_HEIGHT = 28;
/** Reads after which a track is no chance find. */
const ESTABLISHED_READS = 3;
/** One plate does not take another's place so soon after it was seen, in ms. */
export const MOMENTS_MS = 700;
/** Reads after a final version that are looked back at, and how many of them can refute it. */
const LATE_READS = 10;
const REFUTING = 7;

/** A read that votes. */
export interface Vote {
  read: Read;
  weight: number;
  /** The text after region formats ranked its alternatives. */
  text: string;
}

interface BestPicture {
  picture: NonNullable<Passage["best"]>;
  score: number;
}

/** What was last sent of a track. */
export interface Sent {
  revision: number;
  /** The text that was sent: the last one that enough reads agreed on. */
  shown: ConsensusText & { region: string | null };
  direction: Direction;
  /** Reads that agreed then. */
  agreeing: number;
  /** When it was first sent. */
  at: number;
  final: boolean;
}

/** What is asked of another track, also after it ended. */
export type Standing = Pick<Track, "lastSeen" | "reads">;

/** A read with the frame it is in, and what feeding it may do. */
export interface Sighting {
  read: Read;
  frame: FrameRef;
  /** The lane of the zone it is in, else the camera's. */
  laneId: string | null;
  /** False where the frame's pixels are gone already: it cannot be the best picture. */
  pictured: boolean;
}

/** One vehicle being followed. Bounded: votes, path and pictures do not grow with time. */
export class Track {
  readonly motion: Motion;
  readonly firstSeen: number;
  lastSeen: number;
  sightings = 0;
  firstReadable: number | null = null;
  /** Why the last read that could not be read could not. */
  unreadReason: string | null = null;
  /** Number of reads that voted, also those no longer kept. */
  reads = 0;
  sent: Sent | null = null;
  /** When it could first have been sent. */
  readyAt: number | null = null;
  /** The track in whose place this one appeared with another text. */
  rival: Standing | null = null;
  /** A track with nearly the same text, not seen in a frame together with this one. */
  kin: Standing | null = null;
  /** Whether this one corrects a passage that was final already. */
  successor = false;
  current: ConsensusText = { text: "", confidence: 0, characters: [] };
  region: string | null = null;
  lastCharacters: readonly CharacterRead[] = [];

  private votes: Vote[] = [];
  /** Reads since the passage was made final, the last few. */
  private readonly late: Vote[] = [];
  private bestPicture: BestPicture | null = null;
  private knownDirection: Direction = "unknown";
  private readonly lanes = new Map<string | null, number>();

  constructor(
    readonly id: string,
    first: Sighting,
    time: number,
    private readonly settings: TrackerSettings,
  ) {
    this.firstSeen = time;
    this.lastSeen = time;
    this.motion = new Motion(first.read.detection.box, time);
    this.take(first, time);
  }

  /** Adds a sighting of this vehicle. */
  take(sighting: Sighting, time: number): void {
    const { read, frame, laneId } = sighting;
    const { lines } = this.settings;
    if (this.sightings > 0) {
      this.motion.move(read.detection.box, time, lines, [frame.width, frame.height]);
    }
    this.sightings += 1;
    this.lastSeen = time;
    this.lanes.set(laneId, (this.lanes.get(laneId) ?? 0) + 1);
    const direction = this.motion.direction(lines);
    if (direction !== "unknown") this.knownDirection = direction;
    if (isText(read)) this.vote(read);
    else this.unreadReason = read.reason ?? this.unreadReason ?? "unreadable";
    if (sighting.pictured && !this.sent?.final) this.considerPicture(sighting);
  }

  get direction(): Direction {
    return this.knownDirection;
  }

  /** The lane of most sightings. */
  get laneId(): string | null {
    const ranked = [...this.lanes].sort(([, a], [, b]) => b - a);
    return ranked[0]?.[0] ?? null;
  }

  /** The best picture so far. */
  get best(): Passage["best"] {
    return this.bestPicture?.picture ?? null;
  }

  /** Number of kept reads that say exactly the current text and are sure enough. */
  get agreeing(): number {
    const { text } = this.current;
    if (text === "") return 0;
    const { minConfidence } = this.settings;
    return this.votes.filter((v) => v.text === text && v.read.confidence >= minConfidence).length;
  }

  /** Whether any read was sure enough to name a text on its own. */
  get hasText(): boolean {
    const { minConfidence, minLength } = this.settings;
    return (
      [...this.current.text].length >= minLength &&
      this.votes.some((vote) => vote.read.confidence >= minConfidence)
    );
  }

  /** Whether it is most likely a misread of another track, and no vehicle of its own. */
  get isMisread(): boolean {
    if (this.reads === 1 && this.kin && this.kin.reads >= ESTABLISHED_READS) return true;
    if (!this.rival) return false;
    const { lastSeen, reads } = this.rival;
    const moments = this.firstSeen - lastSeen <= MOMENTS_MS;
    const chance = this.reads === 1 && reads >= ESTABLISHED_READS && moments;
    return chance || lastSeen > this.lastSeen;
  }

  /** Lets go of a track that ended, keeping only what is asked about it. */
  forget(ended: Track): void {
    const { lastSeen, reads } = ended;
    if (this.rival === ended) this.rival = { lastSeen, reads };
    if (this.kin === ended) this.kin = { lastSeen, reads };
  }

  /**
   * Whether the final text is shown wrong: of the last ten reads after it at least
   * seven say one other text, and they weigh more than those it was made of. A far
   * plate may have been misread while the car waited in a queue.
   */
  get refuted(): boolean {
    const last = this.late.at(-1);
    if (!this.sent?.final || !last) return false;
    if (!differs(last.text, this.sent.shown.text)) return false;
    const saying = this.late.filter((vote) => vote.text === last.text);
    const before = this.votes.slice(0, VOTING);
    return saying.length >= REFUTING && meanWeight(saying) > meanWeight(before);
  }

  /** The passage as it stands, without pictures. */
  passage(cameraId: string, sent: Sent): Passage {
    const { text, confidence, characters, region } = sent.shown;
    return {
      id: this.id,
      cameraId,
      laneId: this.laneId,
      state: sent.final ? "final" : "preliminary",
      revision: sent.revision,
      text,
      confidence,
      characters,
      region,
      reads: this.reads,
      votes: this.votes
        .map(({ read }) => ({
          text: read.text,
          confidence: read.confidence,
          characters: read.characters.map((character) => character.confidence),
          capturedAt: read.capturedAt,
          box: read.detection.box,
        }))
        .sort((a, b) => a.capturedAt - b.capturedAt),
      direction: this.direction,
      firstSeen: this.firstSeen,
      lastSeen: this.lastSeen,
      firstReadable: this.firstReadable,
      best: this.best,
      images: { frame: null, crop: null },
      ...(text === "" ? { reason: this.noTextReason() } : {}),
    };
  }

  private noTextReason(): string {
    if (this.reads === 0) return this.unreadReason ?? "unreadable";
    return this.current.text.length < this.settings.minLength ? "too_short" : "low_confidence";
  }

  private vote(read: Read): void {
    this.firstReadable ??= read.capturedAt;
    this.reads += 1;
    this.lastCharacters = read.characters;
    const ranked = rankByFormat(read.characters, this.settings.regions);
    const vote: Vote = { read, weight: weightOf(read), text: ranked.text };
    if (this.sent?.final) {
      this.late.push(vote);
      if (this.late.length > LATE_READS) this.late.shift();
      return;
    }
    this.votes.push(vote);
    this.votes.sort((a, b) => b.weight - a.weight);
    this.votes.length = Math.min(this.votes.length, MAX_VOTES);
    this.recount();
  }

  private recount(): void {
    const ballots = this.votes
      .slice(0, VOTING)
      .map(({ read, weight }) => ({ characters: read.characters, weight }));
    const agreed = consensus(ballots);
    const ranked = rankByFormat(agreed.characters, this.settings.regions);
    this.region = ranked.region ?? this.votes[0]?.read.region ?? null;
    this.current = ranked.changed > 0 ? rankedText(ranked) : agreed;
  }

  private considerPicture({ read, frame }: Sighting): void {
    const { box, corners } = read.detection;
    const score = pictureScore(read, read.text !== "" && read.text === this.current.text);
    if (this.bestPicture && score <= this.bestPicture.score) return;
    const { frameId, capturedAt } = read;
    const frameSize: [number, number] = [frame.width, frame.height];
    this.bestPicture = { picture: { frameId, capturedAt, box, corners, frameSize }, score };
  }
}

function rankedText({ text, characters }: ConsensusTextLike): ConsensusText {
  const confidence = characters.reduce((product, read) => product * read.confidence, 1);
  return { text, characters, confidence };
}

type ConsensusTextLike = Pick<ConsensusText, "text" | "characters">;

/** Whether a read has a text at all. */
export function isText(read: Read): boolean {
  return read.readable && read.text !== "" && read.characters.length > 0;
}

/** Larger plates and surer reads weigh more; never zero. */
export function weightOf(read: Read): number {
  const clarity = Math.min(1, read.detection.box[3] / CLEAR_HEIGHT);
  return Math.max(0.01, clarity * (0.2 + 0.8 * read.confidence));
}

function pictureScore(read: Read, agrees: boolean): number {
  const [, , w, h] = read.detection.box;
  const size = Math.sqrt(Math.max(0, w * h));
  const readability = isText(read) ? 0.5 + read.confidence : 0.3;
  return size * readability * (agrees ? 1.5 : 1);
}

function meanWeight(votes: readonly Vote[]): number {
  return votes.reduce((sum, vote) => sum + vote.weight, 0) / Math.max(1, votes.length);
}

/** Whether two texts differ in more than look-alikes. */
function differs(a: string, b: string): boolean {
  return !differsOnlyByConfusables(a, b, ALIKE);
}
