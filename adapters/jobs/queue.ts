import type { JobKind } from "../../core/jobs/job";
import type { JobRepository } from "../../core/jobs/ports";

/** Brings the ids of waiting jobs to workers. An id may come twice: who claims the job has it. */
export interface JobQueue {
  /** Tells of a job that waits. */
  offer(kind: JobKind, id: string): Promise<void>;
  /** `take` is called with one id after the other, until the returned function is. */
  serve(kind: JobKind, take: (id: string) => Promise<void>): () => Promise<void>;
  close(): Promise<void>;
}

/** How often the table is looked at for what nobody told of (a worker that died, another process). */
const LOOK_MS = 3_000;
const AT_ONCE = 20;

interface TableParts {
  jobs: () => Promise<JobRepository>;
  storage: () => Promise<string>;
  clock: () => number;
  failed: (error: unknown) => void;
}

/** The queue of one machine: the table of jobs itself. */
export class TableQueue implements JobQueue {
  private readonly wakers = new Map<JobKind, Set<() => void>>();

  constructor(private readonly parts: TableParts) {}

  offer(kind: JobKind): Promise<void> {
    for (const wake of this.wakers.get(kind) ?? []) wake();
    return Promise.resolve();
  }

  serve(kind: JobKind, take: (id: string) => Promise<void>): () => Promise<void> {
    let stopped = false;
    let wake = (): void => undefined;
    const wakers = this.wakers.get(kind) ?? new Set();
    this.wakers.set(kind, wakers);
    const poke = (): void => wake();
    wakers.add(poke);
    const loop = async (): Promise<void> => {
      while (!stopped) {
        let told = false;
        const next = new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LOOK_MS);
          timer.unref();
          wake = () => {
            told = true;
            clearTimeout(timer);
            resolve();
          };
        });
        for (const id of await this.waiting(kind)) if (!stopped) await take(id);
        if (!stopped && !told) await next;
      }
    };
    const done = loop();
    return async () => {
      stopped = true;
      wakers.delete(poke);
      wake();
      await done;
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async waiting(kind: JobKind): Promise<string[]> {
    const { jobs, storage, clock, failed } = this.parts;
    try {
      return await (await jobs()).waiting(kind, await storage(), clock(), AT_ONCE);
    } catch (error) {
      failed(error);
      return [];
    }
  }
}
