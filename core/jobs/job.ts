/** Work that takes minutes and outlives a restart: videos that are read, archives that are made. */

export const JOB_KINDS = ["video", "feedback_export"] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export const JOB_STATES = ["queued", "processing", "completed", "failed", "cancelled"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** What went wrong, or was found wrong and lived with, in words for people. */
export interface JobProblem {
  code: string;
  message: string;
}

/** What was done; which counts there are depends on the kind. */
export type JobCounts = Record<string, number>;

/** From where a job goes on after a restart, and what was counted up to there. */
export interface Checkpoint {
  /** Videos: frames of the film that are done, counted at `fps` a second. */
  frames: number;
  fps: number;
  counts: JobCounts;
}

/** One job. Times: ms since the epoch. */
export interface Job {
  id: string;
  kind: JobKind;
  state: JobState;
  /** 0 to 100. */
  progress: number;
  cameraId: string | null;
  /** As its sender named it. */
  fileName: string | null;
  /** Absolute path of what it works on, or (an export) of what it made; null once it is deleted. */
  filePath: string | null;
  /** Whether the file is ours to delete; a file that a flow named is not. */
  ownsFile: boolean;
  fileBytes: number;
  /** The folder that the file is in: only workers that see the same one can take the job. */
  storage: string;
  params: Record<string, unknown>;
  checkpoint: Checkpoint | null;
  counts: JobCounts;
  problems: JobProblem[];
  /** How often it was begun. */
  attempts: number;
  createdBy: string;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  updatedAt: number;
  /** Somebody asked for it to be ended. */
  cancelling: boolean;
}

export const isOver = ({ state }: Pick<Job, "state">): boolean =>
  state === "completed" || state === "failed" || state === "cancelled";

/** Clocks of cameras and of who uploads differ, and a time without a zone may be one of tomorrow, in ms. */
const AHEAD_MS = 24 * 3_600_000;

/** Whether a video can have begun then: events of the future would stand before all others for ever. */
export function canBeRecorded(at: number, now: number): boolean {
  return at <= now + AHEAD_MS;
}
