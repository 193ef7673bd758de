import type { PageOf, PageRequest } from "../auth/ports";
import type { Checkpoint, Job, JobCounts, JobKind, JobProblem, JobState } from "./job";

export interface JobFilter {
  kind?: JobKind | undefined;
  state?: JobState | undefined;
}

/** What a worker says of a job that it has. */
export interface JobReport {
  progress: number;
  counts: JobCounts;
  checkpoint: Checkpoint | null;
  problems: JobProblem[];
}

/** How a job ended, or (queued) that another worker may go on with it. */
export interface JobEnd extends JobReport {
  state: Exclude<JobState, "processing">;
  /** The file that it made. */
  filePath?: string;
  fileBytes?: number;
}

/** Every method rejects with a StoreError on failure. */
export interface JobRepository {
  create(job: Job): Promise<void>;
  get(id: string): Promise<Job | null>;
  /** Newest first. */
  list(filter: JobFilter, page: PageRequest): Promise<PageOf<Job>>;
  /** Ids of jobs that wait, or whose worker's lease had ended by `now`; oldest first. */
  waiting(kind: JobKind, storage: string, now: number, limit: number): Promise<string[]>;
  /**
   * Takes a job that waits for a worker, until `leaseUntil`.
   * @returns the job, null where another has it or it is over
   */
  claim(id: string, worker: string, leaseUntil: number, now: number): Promise<Job | null>;
  /** @returns "lost" where another worker has it by now, "cancel" where it is to be ended */
  report(
    id: string,
    worker: string,
    report: JobReport,
    leaseUntil: number,
    now: number,
  ): Promise<"go_on" | "cancel" | "lost">;
  /** @returns false where another worker has it by now */
  end(id: string, worker: string, end: JobEnd, now: number): Promise<boolean>;
  /** A job that waits is cancelled, one that runs is asked to end. @returns false where it is over */
  cancel(id: string, now: number): Promise<boolean>;
  /** A failed or cancelled job waits again, from its checkpoint, with all its attempts. @returns false where it is not over */
  retry(id: string, now: number): Promise<boolean>;
  /** Jobs that were over before `before` and still have a file of ours in a storage; by id, those after `after`. */
  withOldFiles(storage: string, before: number, after: string, limit: number): Promise<Job[]>;
  /** The paths of all files of ours in a storage, with their bytes together. */
  files(storage: string): Promise<{ paths: string[]; bytes: number }>;
  forgetFile(id: string, now: number): Promise<void>;
}
