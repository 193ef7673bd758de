import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Job, JobProblem } from "../../core/jobs/job";
import type { JobEnd, JobReport, JobRepository } from "../../core/jobs/ports";

/** A worker that was not heard of for so long is taken for dead, in ms. */
const LEASE_MS = 15_000;
const REPORT_MS = 2_000;
/** A job whose worker died so often is given up: the file may be what kills it. */
const MAX_ATTEMPTS = 5;

/** A job that cannot be done, with the reason in words for people. */
export class JobFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "JobFailure";
  }
}

/** What the work on a job is given. */
export interface JobContext {
  /** Ends the work: cancelled, stopped, or another worker has it. */
  signal: AbortSignal;
  /** Says how far it is; kept, and written now and then. */
  report: (report: JobReport) => void;
}

/** What a finished job made. */
export interface JobResult {
  report: JobReport;
  filePath?: string;
  fileBytes?: number;
}

/** Does the work. Throws JobFailure where it cannot be done; rejects soon after the signal. */
export type JobWork = (job: Job, context: JobContext) => Promise<JobResult>;

type Stop = "cancel" | "stop" | "lost";

interface RunnerParts {
  jobs: () => Promise<JobRepository>;
  clock: () => number;
  log: (level: "info" | "warn" | "error", message: string) => void;
  changed: (id: string) => void;
}

/** Runs jobs, one at a time each call: takes one, keeps its lease, and says how it ended. */
export class JobRunner {
  private readonly worker = `${hostname().slice(0, 60)}-${process.pid}-${randomUUID().slice(0, 8)}`;
  private readonly running = new Map<string, AbortController>();
  private stopped = false;

  constructor(private readonly parts: RunnerParts) {}

  /** Does a job, unless another worker has it. Never rejects. */
  async run(id: string, work: JobWork): Promise<void> {
    const { jobs, clock, log } = this.parts;
    if (this.stopped) return;
    try {
      const repository = await jobs();
      const now = clock();
      const job = await repository.claim(id, this.worker, now + LEASE_MS, now);
      if (!job) return;
      this.parts.changed(id);
      await this.hold(repository, job, work);
      this.parts.changed(id);
    } catch (error) {
      log("warn", `job ${id} is left for later: ${String(error)}`);
    }
  }

  /** Ends a job that runs here, at once instead of at its next report. */
  cancel(id: string): void {
    this.running.get(id)?.abort("cancel" satisfies Stop);
  }

  /** Hands back what runs, and what is just being taken; takes nothing more. */
  stop(): void {
    this.stopped = true;
    for (const controller of this.running.values()) controller.abort("stop" satisfies Stop);
  }

  private async hold(repository: JobRepository, job: Job, work: JobWork): Promise<void> {
    const controller = new AbortController();
    this.running.set(job.id, controller);
    let last: JobReport = reportOf(job);
    const timer = setInterval(
      () => void this.keep(repository, job.id, last, controller),
      REPORT_MS,
    );
    let end: JobEnd;
    try {
      if (job.cancelling) controller.abort("cancel" satisfies Stop);
      else if (this.stopped) controller.abort("stop" satisfies Stop);
      controller.signal.throwIfAborted();
      if (job.attempts > MAX_ATTEMPTS) {
        throw new JobFailure("gave_up", `its worker ended ${MAX_ATTEMPTS} times while it ran`);
      }
      const { report, ...made } = await work(job, {
        signal: controller.signal,
        report: (report) => (last = report),
      });
      end = { ...report, ...made, state: "completed", progress: 100 };
    } catch (error) {
      end = { ...last, ...this.endOf(error, controller.signal, last.problems) };
    } finally {
      clearInterval(timer);
      this.running.delete(job.id);
    }
    if (controller.signal.reason === ("lost" satisfies Stop)) return;
    await repository.end(job.id, this.worker, end, this.parts.clock());
  }

  private endOf(
    error: unknown,
    { aborted, reason }: AbortSignal,
    problems: readonly JobProblem[],
  ): Pick<JobEnd, "state" | "problems"> {
    if (aborted) {
      return { state: reason === "cancel" ? "cancelled" : "queued", problems: [...problems] };
    }
    const known = error instanceof JobFailure;
    if (!known) this.parts.log("error", `a job failed: ${String(error)}`);
    const problem = known
      ? { code: error.code, message: error.message }
      : { code: "internal_error", message: "Something went wrong; the log says what" };
    return { state: "failed", problems: [...problems, problem] };
  }

  /** Writes how far a job is, which also keeps it ours; hears whether it is to be ended. */
  private async keep(
    repository: JobRepository,
    id: string,
    report: JobReport,
    controller: AbortController,
  ): Promise<void> {
    const now = this.parts.clock();
    try {
      const said = await repository.report(id, this.worker, report, now + LEASE_MS, now);
      if (said !== "go_on" && !controller.signal.aborted) controller.abort(said satisfies Stop);
      this.parts.changed(id);
    } catch (error) {
      this.parts.log("warn", `the progress of job ${id} cannot be written: ${String(error)}`);
    }
  }
}

function reportOf({ progress, counts, checkpoint, problems }: Job): JobReport {
  return { progress, counts, checkpoint, problems };
}
