import { createHash } from "node:crypto";
import { CameraError } from "../cameras/errors";
import { JobFailure, type JobContext, type JobResult, type JobWork } from "../jobs/runner";
import type { Store } from "../store/store";
import { eventOfPassage } from "../../core/events/event";
import { canBeRecorded, type Checkpoint, type Job, type JobProblem } from "../../core/jobs/job";
import type { FrameRef, Passage, Read } from "../../core/messages";
import { VisionError, type VisionInfo, type VisionService } from "../../core/vision/ports";
import type { TrackerSettings } from "../../core/vision/tracking/settings";
import { vehicleInScene } from "../vision/vehicles";
import { FilmReader } from "./film-reader";
import { probeFilm, type FilmInfo } from "./probe";

/** Frames a second of a video that are looked at unless set. */
export const VIDEO_FPS = 5;
/** A film may end this much before what it says of its length, in seconds. */
const SHORT_BY = 1.5;
/** The camera of videos that name none. */
export const VIDEO_CAMERA = "video";

export interface VideoOptions {
  fps: number;
  script?: string;
  /** Detections less sure are left out, 0..1; the model's own bound where it is left out. */
  minDetection?: number;
  tiles: boolean;
  tracker: TrackerSettings;
  siteId: string | null;
  vision: VisionService;
  store: Store;
  /** A passage was found and stored. */
  onPassage?: (job: Job, passage: Passage) => void;
  onFrame?: (job: Job, frame: FrameRef, reads: Read[]) => void;
}

/** What is counted of a video. */
interface VideoCounts extends Record<string, number> {
  frames: number;
  /** Plates found in frames. */
  plates: number;
  /** Of these, with a text. */
  reads: number;
  /** Passages stored. */
  events: number;
  /** Places where the film is damaged. */
  damaged: number;
}

const NOTHING: VideoCounts = { frames: 0, plates: 0, reads: 0, events: 0, damaged: 0 };

/** The work on jobs of the kind "video": a film through detector, reader and passages, like a camera. */
export function videoWork(options: VideoOptions): JobWork {
  return (job, context) => new VideoRun(options, job, context).run();
}

class VideoRun {
  private readonly counts: VideoCounts;
  private readonly problems: JobProblem[] = [];
  private checkpoint: Checkpoint | null;
  private film: FilmInfo | null = null;

  constructor(
    private readonly options: VideoOptions,
    private readonly job: Job,
    private readonly context: JobContext,
  ) {
    this.checkpoint = job.checkpoint;
    this.counts = { ...NOTHING, ...this.checkpoint?.counts };
  }

  async run(): Promise<JobResult> {
    const { job } = this;
    if (job.filePath === null) throw new JobFailure("file_missing", "the video was deleted");
    const info = await this.readerReady();
    const film = await probeFilm(job.filePath).catch(failed);
    this.film = film;
    const reader = this.reader(job.filePath, film, info);
    try {
      await reader.run();
    } catch (error) {
      // what was read of a film that breaks off counts
      if (!(error instanceof CameraError) || !reader.started) throw failure(error);
      this.note("damaged", `the video cannot be read to its end: ${error.message}`);
    }
    this.noteShort(film);
    return { report: this.report(100) };
  }

  /** Waits for the models: a reader that is down fails the job before anything is read. */
  private async readerReady(): Promise<VisionInfo> {
    return this.options.vision.ready().catch(failed);
  }

  private reader(path: string, film: FilmInfo, { workers }: VisionInfo): FilmReader {
    const { job, context, options } = this;
    const { script, minDetection, tiles, tracker, vision } = options;
    const takenAt = this.takenAt(film);
    return new FilmReader({
      path,
      format: film.format,
      id: job.id,
      cameraId: job.cameraId ?? VIDEO_CAMERA,
      laneId: null,
      takenAt,
      fps: this.fps,
      startFrame: this.checkpoint?.frames ?? 0,
      detect: { tiles, ...(minDetection === undefined ? {} : { minConfidence: minDetection }) },
      read: script ? { script } : {},
      tracker,
      atOnce: workers + 1,
      vision,
      signal: context.signal,
      passageId: (frame, nth) => passageId(job.id, frame, nth),
      onPassage: (passage) => this.store(passage, takenAt),
      onFrame: ({ frame, reads, quiet }) => this.frameDone(frame, reads, quiet),
      onDamage: () => {
        this.counts.damaged++;
      },
    });
  }

  /** A job keeps the frame rate that it was begun with, so that its checkpoint stays true. */
  private get fps(): number {
    return this.job.checkpoint?.fps ?? this.options.fps;
  }

  private takenAt(film: FilmInfo): number {
    const said = Number(this.job.params["recorded_at"] ?? NaN);
    if (Number.isFinite(said)) return said;
    const { createdAt } = this.job;
    const inFile = film.takenAt ?? createdAt;
    return canBeRecorded(inFile, createdAt) ? inFile : createdAt; // a camera's clock may be wrong
  }

  private async store(passage: Passage, takenAt: number): Promise<void> {
    const { job, options } = this;
    const found = eventOfPassage(passage, null, null, { siteId: options.siteId, zoneId: null });
    const event = {
      ...found,
      source: "upload" as const,
      cameraId: job.cameraId,
      jobId: job.id,
      vehicleInfo: await vehicleInScene(found, passage.images.frame),
      metadata: {
        ...found.metadata,
        video: {
          job_id: job.id,
          file: job.fileName,
          at_seconds: Math.round((passage.firstSeen - takenAt) / 100) / 10,
        },
      },
    };
    const record = { kind: "event" as const, event, images: passage.images, once: true };
    await options.store.writer.write(record);
    this.counts.events++;
    options.onPassage?.(job, passage);
  }

  private frameDone(frame: FrameRef, reads: Read[], quiet: boolean): void {
    const { counts, options, job } = this;
    counts.frames++;
    counts.plates += reads.length;
    counts.reads += reads.filter(({ readable }) => readable).length;
    // With no vehicle in view the tracker knows nothing: from here it can begin anew, and
    // finds the same passages under the same ids.
    if (quiet) this.checkpoint = { frames: frame.seq + 1, fps: this.fps, counts: { ...counts } };
    this.context.report(this.report(this.progressAt(frame.seq + 1)));
    options.onFrame?.(job, frame, reads);
  }

  private progressAt(frames: number): number {
    const seconds = this.film?.seconds ?? null;
    if (seconds === null) return 0;
    const share = frames / this.fps / seconds;
    return Math.min(99, Math.floor(share * 1000) / 10);
  }

  private noteShort({ seconds }: FilmInfo): void {
    const read = this.counts.frames / this.fps;
    if (seconds === null || read >= seconds - SHORT_BY) return;
    this.note(
      "truncated",
      `the video ends after ${read.toFixed(1)} of ${seconds.toFixed(1)} seconds`,
    );
  }

  private note(code: string, message: string): void {
    this.problems.push({ code, message });
  }

  private report(progress: number) {
    const { counts, checkpoint, problems } = this;
    return { progress, counts: { ...counts }, checkpoint, problems: [...problems] };
  }
}

/** Names a passage by where it begins in the film: read again, it is stored once. */
function passageId(jobId: string, frame: number, nth: number): string {
  const hash = createHash("sha256").update(`${jobId}\n${frame}\n${nth}`).digest("hex");
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `a${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}

/** What a film or the reader did wrong, as the reason why the job failed. */
function failure(error: unknown): unknown {
  const known = error instanceof CameraError || error instanceof VisionError;
  return known ? new JobFailure(error.code, error.message) : error;
}

function failed(error: unknown): never {
  throw failure(error);
}
