import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { rm } from "node:fs/promises";
import type { Job, JobKind } from "../../core/jobs/job";
import type { JobRepository } from "../../core/jobs/ports";
import { counter } from "../metrics/metrics";
import type { JobFolder } from "./folder";
import type { JobQueue } from "./queue";
import { JobRunner, type JobWork } from "./runner";
import { UploadRoom } from "./upload-room";

/** The name is that of reference 3. */
const processed = counter("anpr_jobs_processed_total", "Completed jobs");

/** Jobs whose files are deleted between two looks at the database. */
const PAGE = 100;

interface ServiceParts {
  jobs: () => Promise<JobRepository>;
  queue: JobQueue;
  folder: JobFolder;
  env: NodeJS.ProcessEnv;
  clock: () => number;
  log: (level: "info" | "warn" | "error", message: string) => void;
}

export type NewJob = Pick<Job, "kind" | "createdBy"> & Partial<Job>;

/** The jobs of a store: making, doing, ending and forgetting them. */
export class JobService extends EventEmitter<{ change: [id: string] }> {
  private readonly runners = new Set<JobRunner>();
  private readonly serving = new Set<() => Promise<void>>();
  /** Where uploads ask whether they may come. */
  readonly room: UploadRoom;

  constructor(private readonly parts: ServiceParts) {
    super();
    this.setMaxListeners(0);
    const { folder, jobs, env } = parts;
    this.room = new UploadRoom({
      env,
      folder: async () => {
        await folder.storage();
        return folder.path;
      },
      kept: async () => (await (await jobs()).files(await folder.storage())).bytes,
    });
  }

  get folder(): JobFolder {
    return this.parts.folder;
  }

  /** Makes a job that waits. */
  async create(given: NewJob): Promise<Job> {
    const { jobs, queue, folder, clock } = this.parts;
    const now = clock();
    const job: Job = {
      id: randomUUID(),
      state: "queued",
      progress: 0,
      cameraId: null,
      fileName: null,
      filePath: null,
      ownsFile: true,
      fileBytes: 0,
      params: {},
      checkpoint: null,
      counts: {},
      problems: [],
      attempts: 0,
      createdAt: now,
      startedAt: null,
      finishedAt: null,
      updatedAt: now,
      cancelling: false,
      ...given,
      storage: await folder.storage(),
    };
    await (await jobs()).create(job);
    this.emit("change", job.id);
    await this.offer(queue, job);
    return job;
  }

  async repository(): Promise<JobRepository> {
    return this.parts.jobs();
  }

  /** @returns the job as it is then; null where there is none or it is over */
  async cancel(id: string): Promise<Job | null> {
    const jobs = await this.parts.jobs();
    if (!(await jobs.cancel(id, this.parts.clock()))) return null;
    for (const runner of this.runners) runner.cancel(id);
    this.emit("change", id);
    return jobs.get(id);
  }

  /** @returns the job as it is then; null where there is none, it is not over, or its file is gone */
  async retry(id: string): Promise<Job | null> {
    const jobs = await this.parts.jobs();
    if (!(await jobs.retry(id, this.parts.clock()))) return null;
    this.emit("change", id);
    const job = await jobs.get(id);
    if (job) await this.offer(this.parts.queue, job);
    return job;
  }

  /** Does jobs of a kind, one at a time, until the returned function is called. */
  serve(kind: JobKind, work: JobWork): () => Promise<void> {
    const changed = (id: string): void => void this.emit("change", id);
    const runner = new JobRunner({ ...this.parts, changed });
    this.runners.add(runner);
    const end = this.parts.queue.serve(kind, (id) =>
      runner.run(id, async (job, context) => {
        const done = await work(job, context);
        processed.inc();
        return done;
      }),
    );
    const stop = async (): Promise<void> => {
      this.serving.delete(stop);
      runner.stop();
      await end();
      this.runners.delete(runner);
    };
    this.serving.add(stop);
    return stop;
  }

  /**
   * Deletes files in this folder: of jobs that were over before a time, and what nobody has.
   * Those of other folders are left to who sees them. @returns how many of jobs
   */
  async deleteFiles(before: number): Promise<number> {
    const { jobs, folder, clock } = this.parts;
    const repository = await jobs();
    const storage = await folder.storage();
    await folder.sweep((await repository.files(storage)).paths, clock());
    let count = 0;
    for (let after = ""; ;) {
      const old = await repository.withOldFiles(storage, before, after, PAGE);
      for (const { id, filePath } of old) {
        after = id;
        if (filePath !== null && (await this.deleteFile(filePath))) {
          await repository.forgetFile(id, clock());
          count++;
        }
      }
      if (old.length < PAGE) return count;
    }
  }

  /** @returns false where it is still there: it is tried again at the next run */
  private async deleteFile(path: string): Promise<boolean> {
    try {
      await rm(this.parts.folder.here(path), { force: true });
      return true;
    } catch (error) {
      this.parts.log("warn", `the file ${path} of a job cannot be deleted: ${String(error)}`);
      return false;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.serving].map((stop) => stop()));
    await this.parts.queue.close();
  }

  /** A queue that cannot be told finds the job by itself a little later. */
  private async offer(queue: JobQueue, { kind, id }: Job): Promise<void> {
    await queue.offer(kind, id).catch((error: unknown) => {
      this.parts.log("warn", `the queue of jobs does not answer: ${String(error)}`);
    });
  }
}
