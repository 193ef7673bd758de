import type { FrameRef, Passage, Read } from "../../messages";
import { insidePolygon } from "../geometry";
import { associate, distinct, inPlaceOf, linkKin, patience } from "./association";
import { centre } from "./motion";
import { DEFAULT_TRACKER_SETTINGS, type TrackerSettings } from "./settings";
import { Track, type Sent, type Sighting } from "./track";

/** The frame clock may go back this far (frames read out of turn) before it counts as set back, in ms. */
const DISORDER_MS = 5000;
/** Sightings that an unread plate needs beside its time, so that a flicker makes no passage. */
const UNREAD_SIGHTINGS = 3;
/** How long a passage waits for its direction, where only one is wanted, in ms. */
const DIRECTION_WAIT_MS = 1500;

/** Rise of a text's confidence that is worth telling who found it too low. */
const SURER_BY = 0.1;
/** Beyond so many agreeing reads nobody waits for more. */
const ENOUGH_READS = 8;

/** What happened to a passage. `update` corrects one that was sent; `final` is its last. */
export interface PassageEvent {
  kind: "preliminary" | "update" | "final";
  passage: Passage;
}

/** What was left out, and why; counted since the tracker was made. */
export interface DropCounts {
  outside_zone: number;
  /** A second sighting of a plate in one frame. */
  doubled: number;
  /** Seen too shortly, and never readable. */
  too_short: number;
  /** A misread in the place of a car whose text was known. */
  misread: number;
  wrong_direction: number;
}

export interface TrackerContext {
  cameraId: string;
  /** A new, unique id for a passage. */
  newId: () => string;
}

/**
 * Turns the reads of one camera into passages of vehicles. Pure: time is that of the
 * frames. Each passage gives one "preliminary" event as soon as enough reads agree
 * (or a plate stays unread), "update" events when its text is corrected or much surer or
 * its direction becomes known, and exactly one "final" event, which may also be its first.
 */
export class PassageTracker {
  readonly dropped: DropCounts = {
    outside_zone: 0,
    doubled: 0,
    too_short: 0,
    misread: 0,
    wrong_direction: 0,
  };
  private readonly settings: TrackerSettings;
  private tracks: Track[] = [];
  private now = -Infinity;

  constructor(
    private readonly context: TrackerContext,
    settings: Partial<TrackerSettings> = {},
  ) {
    this.settings = { ...DEFAULT_TRACKER_SETTINGS, ...settings };
  }

  /**
   * Takes the reads of the next frame, also when there are none.
   * @param pictured false where the frame's pixels are gone already
   */
  feed(frame: FrameRef, reads: readonly Read[], pictured = true): PassageEvent[] {
    const events: PassageEvent[] = [];
    if (frame.capturedAt < this.now - DISORDER_MS) {
      events.push(...this.flush());
      this.now = -Infinity;
    }
    events.push(...this.tick(frame.capturedAt));
    const time = this.now;
    const counted = this.countedSightings(frame, reads, pictured);
    const sightings = distinct(counted, this.settings.minLength);
    this.dropped.doubled += counted.length - sightings.length;
    const { matched, fresh } = associate(this.tracks, sightings, time, this.settings);
    for (const { track, sighting } of matched) {
      track.take(sighting, time);
      events.push(...this.advance(track, time), ...this.replaceIfWrong(track, sighting, time));
    }
    this.dropMisreads(time);
    for (const { sighting, rival } of fresh) {
      events.push(...this.begin(sighting, rival, time));
    }
    return events;
  }

  /** Lets time pass without a frame: ends what was not seen for long enough. */
  tick(time: number): PassageEvent[] {
    this.now = Math.max(this.now, time);
    const gone = this.tracks.filter(
      (track) => this.now - track.lastSeen > patience(track, this.settings),
    );
    return gone.flatMap((track) => this.end(track));
  }

  /** Ends everything, as when the camera is closed. */
  flush(): PassageEvent[] {
    return [...this.tracks].flatMap((track) => this.end(track));
  }

  /**
   * Ends everything without saying anything new, as when the node is closed: what was
   * sent becomes final with the text it was sent with; what was not is forgotten, so
   * that closing never opens a gate.
   */
  close(): PassageEvent[] {
    const sent = this.tracks.filter((track) => track.sent && !track.sent.final);
    this.tracks = [];
    return sent.map((track) => this.send(track, "final", track.lastSeen, false));
  }

  /** The vehicles followed now: id of the passage, best picture so far, whether there is a text. */
  inView(): { id: string; best: Passage["best"]; readable: boolean }[] {
    return this.tracks.map(({ id, best, reads }) => ({ id, best, readable: reads > 0 }));
  }

  /** Vehicles in view. */
  get size(): number {
    return this.tracks.length;
  }

  private countedSightings(frame: FrameRef, reads: readonly Read[], pictured: boolean): Sighting[] {
    const sightings: Sighting[] = [];
    for (const read of reads) {
      const laneId = this.laneOf(read, frame);
      if (laneId === undefined) this.dropped.outside_zone += 1;
      else sightings.push({ read, frame, laneId, pictured });
    }
    return sightings;
  }

  /** The lane a plate is in; undefined where it is outside of all zones. */
  private laneOf(read: Read, frame: FrameRef): string | null | undefined {
    const { zones } = this.settings;
    if (zones.length === 0) return frame.laneId;
    const [x, y] = centre(read.detection.box);
    const zone = zones.find((candidate) =>
      insidePolygon([x / frame.width, y / frame.height], candidate.polygon),
    );
    return zone ? (zone.laneId ?? frame.laneId) : undefined;
  }

  private begin(sighting: Sighting, rival: Track | null, time: number): PassageEvent[] {
    const events: PassageEvent[] = [];
    if (this.tracks.length >= this.settings.maxTracks) {
      const oldest = this.tracks.reduce((a, b) => (b.lastSeen < a.lastSeen ? b : a));
      events.push(...this.end(oldest));
    }
    const track = new Track(this.context.newId(), sighting, time, this.settings);
    track.rival = rival;
    linkKin(track, this.tracks);
    this.tracks.push(track);
    events.push(...this.advance(track, time));
    return events;
  }

  /** Drops what began in the place of a car that is there again. */
  private dropMisreads(time: number): void {
    const misread = this.tracks.filter(
      ({ sent, rival, lastSeen }) => !sent && rival?.lastSeen === time && lastSeen < time,
    );
    const dropped = misread.filter((track) =>
      this.tracks.some((other) => other === track.rival && inPlaceOf(track, other)),
    );
    this.dropped.misread += dropped.length;
    this.tracks = this.tracks.filter((track) => !dropped.includes(track));
    for (const track of this.tracks) for (const gone of dropped) track.forget(gone);
  }

  private advance(track: Track, time: number): PassageEvent[] {
    const { sent } = track;
    if (!sent) return this.sendFirst(track, time);
    if (sent.final) return [];
    const { settleMs, finalReads } = this.settings;
    const agreed = this.agreed(track);
    const events: PassageEvent[] = [];
    const corrected = agreed && track.current.text !== sent.shown.text;
    if (corrected || track.direction !== sent.direction || (agreed && surer(track, sent))) {
      events.push(this.send(track, "update", time));
    }
    const settled = time - sent.at >= settleMs;
    const sure = finalReads > 0 && track.agreeing >= finalReads;
    if (agreed && (settled || sure)) events.push(this.send(track, "final", time));
    return events;
  }

  private sendFirst(track: Track, time: number): PassageEvent[] {
    if (!this.agreed(track) && !(track.reads === 0 && this.seenLong(track))) return [];
    track.readyAt ??= time;
    if (this.goesOtherWay(track)) return [];
    const { only } = this.settings;
    const waits = only !== "unknown" && track.direction === "unknown";
    if (waits && time - track.readyAt < DIRECTION_WAIT_MS) return [];
    return [this.send(track, "preliminary", time)];
  }

  /** Starts a passage anew where the reads after its final version keep saying another text. */
  private replaceIfWrong(track: Track, sighting: Sighting, time: number): PassageEvent[] {
    if (track.successor || !track.refuted) return [];
    this.tracks = this.tracks.filter((other) => other !== track);
    const events = this.begin(sighting, null, time);
    const successor = this.tracks.at(-1);
    if (successor) successor.successor = true;
    return events;
  }

  private end(track: Track): PassageEvent[] {
    this.tracks = this.tracks.filter((other) => other !== track);
    for (const other of this.tracks) other.forget(track);
    if (track.sent?.final) return [];
    const reason = track.sent ? null : this.reasonToDrop(track);
    if (reason) {
      this.dropped[reason] += 1;
      return [];
    }
    return [this.send(track, "final", track.lastSeen)];
  }

  private reasonToDrop(track: Track): keyof DropCounts | null {
    if (this.goesOtherWay(track)) return "wrong_direction";
    if (!this.agreed(track) && track.isMisread) return "misread";
    return track.hasText || this.seenLong(track) ? null : "too_short";
  }

  private agreed(track: Track): boolean {
    return track.hasText && track.agreeing >= this.settings.agree;
  }

  private seenLong(track: Track): boolean {
    const { unreadMs } = this.settings;
    return track.lastSeen - track.firstSeen >= unreadMs && track.sightings >= UNREAD_SIGHTINGS;
  }

  private goesOtherWay({ direction }: Track): boolean {
    const { only } = this.settings;
    return only !== "unknown" && direction !== "unknown" && direction !== only;
  }

  private send(
    track: Track,
    kind: PassageEvent["kind"],
    time: number,
    mayChange = true,
  ): PassageEvent {
    const final = kind === "final";
    const { sent } = track;
    const nothingShown = final && track.hasText && (sent?.shown.text ?? "") === "";
    const shown =
      mayChange && (this.agreed(track) || nothingShown)
        ? { ...track.current, region: track.region }
        : (sent?.shown ?? { text: "", confidence: 0, characters: [], region: null });
    track.sent = {
      revision: (sent?.revision ?? 0) + 1,
      shown,
      direction: track.direction,
      agreeing: track.agreeing,
      at: sent?.at ?? time,
      final,
    };
    return { kind, passage: track.passage(this.context.cameraId, track.sent) };
  }
}

/**
 * Whether the text that was sent is now so much surer, or twice as many reads agree,
 * that a gate which found it too unsure should look again. Few times in a passage.
 */
function surer(track: Track, sent: Sent): boolean {
  if (track.current.confidence >= sent.shown.confidence + SURER_BY) return true;
  return sent.agreeing < ENOUGH_READS && track.agreeing >= 2 * sent.agreeing;
}
