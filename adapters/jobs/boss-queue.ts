import PgBoss from "pg-boss";
import type { JobKind } from "../../core/jobs/job";
import type { JobRepository } from "../../core/jobs/ports";
import type { JobQueue } from "./queue";

/** How often jobs are looked for whose worker died, or of which nobody was told. */
const SWEEP_MS = 10_000;
const POLL_SECONDS = 1;
/** pg-boss gives a job up after this; ours are judged by their lease, far earlier. */
const EXPIRES_SECONDS = 23 * 3600;
const CONNECTIONS = 2;
const SWEPT = 100;

interface BossParts {
  /** postgresql://… */
  url: string;
  jobs: () => Promise<JobRepository>;
  storage: () => Promise<string>;
  clock: () => number;
  failed: (error: unknown) => void;
}

/**
 * The queue of several workers on one PostgreSQL: pg-boss hands each id to one of them.
 * What a job is and who has it stands in the table of jobs, as on one machine.
 */
export class BossQueue implements JobQueue {
  private started: Promise<PgBoss> | null = null;
  private closed = false;
  private readonly names = new Map<JobKind, Promise<string>>();

  constructor(private readonly parts: BossParts) {}

  async offer(kind: JobKind, id: string): Promise<void> {
    const boss = await this.boss();
    const name = await this.queue(boss, kind);
    // one waiting entry a job, however often it is told of
    await boss.send(name, { id }, { singletonKey: id, expireInSeconds: EXPIRES_SECONDS });
  }

  serve(kind: JobKind, take: (id: string) => Promise<void>): () => Promise<void> {
    let stopped = false;
    let taking: Promise<void> = Promise.resolve();
    let working: Promise<(() => Promise<void>) | null> = Promise.resolve(null);
    const begin = (): void => {
      working = working.then(
        (end) =>
          end ??
          this.work(kind, async (id) => {
            if (stopped) return;
            taking = take(id);
            await taking;
          }).catch((error: unknown) => {
            this.parts.failed(error); // a database that is away: tried again at the next turn
            return null;
          }),
      );
    };
    begin();
    const timer = setInterval(() => {
      begin();
      void this.sweep(kind);
    }, SWEEP_MS);
    timer.unref();
    return async () => {
      stopped = true;
      clearInterval(timer);
      await (
        await working
      )?.();
      await taking; // offWork() does not wait for it, and what it writes at its end needs the database
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    const boss = await this.started?.catch(() => null);
    await boss?.stop({ graceful: false, close: true, wait: true });
  }

  private async work(
    kind: JobKind,
    take: (id: string) => Promise<void>,
  ): Promise<() => Promise<void>> {
    const boss = await this.boss();
    const name = await this.queue(boss, kind);
    await this.sweep(kind);
    const options = { batchSize: 1, pollingIntervalSeconds: POLL_SECONDS };
    const worker = await boss.work<{ id: string }>(name, options, async ([entry]) => {
      if (entry) await take(entry.data.id);
    });
    return () => boss.offWork({ id: worker });
  }

  private async sweep(kind: JobKind): Promise<void> {
    const { jobs, storage, clock, failed } = this.parts;
    try {
      const ids = await (await jobs()).waiting(kind, await storage(), clock(), SWEPT);
      for (const id of ids) await this.offer(kind, id);
    } catch (error) {
      failed(error);
    }
  }

  private boss(): Promise<PgBoss> {
    this.started ??= this.start();
    this.started.catch(() => (this.started = null));
    return this.started;
  }

  private async start(): Promise<PgBoss> {
    const boss = new PgBoss({
      connectionString: this.parts.url,
      schema: "plategate_jobs",
      max: CONNECTIONS,
      application_name: "plategate-jobs",
      schedule: false,
    });
    boss.on("error", (error) => {
      if (!this.closed) this.parts.failed(error); // connections that end may still say so
    });
    await boss.start();
    return boss;
  }

  /** One queue a kind and folder: who does not see the file is never given the job. */
  private queue(boss: PgBoss, kind: JobKind): Promise<string> {
    const known = this.names.get(kind);
    if (known) return known;
    const made = this.parts.storage().then(async (storage) => {
      const name = `${kind}-${storage}`;
      await boss.createQueue(name, { name, policy: "short" });
      return name;
    });
    this.names.set(kind, made);
    made.catch(() => this.names.delete(kind));
    return made;
  }
}
