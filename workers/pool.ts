import { Worker, type TransferListItem } from "node:worker_threads";
import { VisionError } from "../core/vision/ports";
import type { FromWorker, PlainError, ToWorker } from "./protocol";

export interface PoolOptions {
  /** Compiled file that a worker runs. */
  file: string;
  /** Handed to each worker as `workerData`. */
  data: unknown;
  size: number;
  /** Jobs that may wait; more are refused with "busy". */
  queue: number;
  /** A job that has waited so long goes first whatever its priority. Default 500 ms. */
  longWaitMs?: number;
  /** The same for jobs in the background, those of a priority below 0. Default 30 s. */
  backgroundWaitMs?: number;
  /** How long closing waits for a thread that is busy. Default 8 s. */
  closeMs?: number;
}

interface Task<Job, Result> {
  job: Job;
  /** Jobs with the same key go to the same worker when it is free: it may still have the picture decoded. */
  key: string | undefined;
  transfer: TransferListItem[];
  priority: number;
  /** When it came, monotonic milliseconds. */
  since: number;
  resolve: (result: Result) => void;
  reject: (error: Error) => void;
}

interface Seat<Job, Result> {
  worker: Worker;
  ready: boolean;
  task: Task<Job, Result> | null;
  lastKey: string | undefined;
}

/** Deaths in a row, without a job done between, after which no replacement is started. */
const MAX_DEATHS = 5;
const RESTART_MS = 200;
const LONG_WAIT_MS = 500;
/** Nobody stands at a gate for them, and a video has thousands: they must not become the rule. */
const BACKGROUND_WAIT_MS = 30_000;
const CLOSE_MS = 8000;

/**
 * Worker threads that take one job at a time. A worker that dies is replaced and
 * its job rejected with "worker_died"; one that cannot load its models fails the
 * pool with that error, since another would fail alike.
 */
export class WorkerPool<Job, Result, Info> {
  private readonly seats = new Set<Seat<Job, Result>>();
  private readonly queue: Task<Job, Result>[] = [];
  private readonly restarts = new Set<NodeJS.Timeout>();
  private readonly waiting: { resolve: (info: Info) => void; reject: (e: Error) => void }[] = [];
  private info: Info | null = null;
  private failure: Error | null = null;
  private deaths = 0;
  private nextId = 1;
  private closing: Promise<void> | null = null;

  constructor(private readonly options: PoolOptions) {
    for (let i = 0; i < options.size; i++) this.start();
  }

  /** Resolves when the first worker is ready, with what it says of itself. */
  ready(): Promise<Info> {
    if (this.failure) return Promise.reject(this.failure);
    if (this.info) return Promise.resolve(this.info);
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  /** Jobs waiting or running. */
  pending(): number {
    return this.queue.length + [...this.seats].filter((s) => s.task).length;
  }

  /** The threads, for tests and diagnosis. */
  threads(): Worker[] {
    return [...this.seats].map((s) => s.worker);
  }

  /** @param priority jobs with a higher one go first, unless another has waited for long */
  run(job: Job, key?: string, transfer: TransferListItem[] = [], priority = 0): Promise<Result> {
    if (this.failure) return Promise.reject(this.failure);
    if (this.queue.length >= this.options.queue) {
      const message = `${this.queue.length} pictures wait already`;
      return Promise.reject(new VisionError("busy", message));
    }
    return new Promise((resolve, reject) => {
      const since = performance.now();
      this.queue.push({ job, key, transfer, priority, since, resolve, reject });
      this.dispatch();
    });
  }

  /**
   * Refuses what waits, lets what runs finish, and ends the threads. One that is busy for longer than `closeMs` is left to end by
   * itself when it is done: stopped by force inside a model, it would take the whole process with it.
   */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    this.fail(new VisionError("closed", "reading was stopped"));
    for (const timer of this.restarts) clearTimeout(timer);
    await Promise.all([...this.seats].map((seat) => this.retire(seat)));
  }

  private async retire(seat: Seat<Job, Result>): Promise<void> {
    const { worker } = seat;
    const gone = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    this.post(seat, { close: true });
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        worker.unref();
        resolve();
      }, this.options.closeMs ?? CLOSE_MS);
    });
    await Promise.race([gone, enough]);
    clearTimeout(timer);
  }

  private start(): void {
    const worker = new Worker(this.options.file, { workerData: this.options.data });
    const seat: Seat<Job, Result> = { worker, ready: false, task: null, lastKey: undefined };
    this.seats.add(seat);
    let cause = "";
    worker.on("message", (message: FromWorker<Result, Info>) => this.hear(seat, message));
    worker.on("error", (error) => (cause = error instanceof Error ? error.message : String(error)));
    worker.on("exit", (code) => this.bury(seat, cause || `exit code ${code}`));
  }

  private hear(seat: Seat<Job, Result>, message: FromWorker<Result, Info>): void {
    if ("ready" in message) {
      seat.ready = true;
      this.info ??= message.ready;
      for (const w of this.waiting.splice(0)) w.resolve(message.ready);
    } else if ("failed" in message) {
      this.fail(revive(message.failed));
    } else {
      const task = seat.task;
      seat.task = null;
      this.deaths = 0;
      if ("error" in message) task?.reject(revive(message.error));
      else task?.resolve(message.result);
    }
    this.dispatch();
  }

  /** A thread ended. Unless that was wanted, its job is lost and another thread takes its seat. */
  private bury(seat: Seat<Job, Result>, cause: string): void {
    this.seats.delete(seat);
    const error = new VisionError("worker_died", `a reading thread ended: ${cause}`);
    seat.task?.reject(error);
    if (this.failure) return;
    this.deaths++;
    if (this.deaths > MAX_DEATHS) {
      this.fail(error);
      return;
    }
    const timer = setTimeout(() => {
      this.restarts.delete(timer);
      this.start();
    }, RESTART_MS * this.deaths);
    this.restarts.add(timer);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const w of this.waiting.splice(0)) w.reject(error);
    for (const task of this.queue.splice(0)) task.reject(error);
  }

  private dispatch(): void {
    for (;;) {
      const free = [...this.seats].filter((s) => s.ready && !s.task);
      const task = free.length > 0 ? this.takeNext() : undefined;
      if (!task) return;
      const known = task.key === undefined ? undefined : free.find((s) => s.lastKey === task.key);
      const seat = known ?? free[0];
      if (!seat) return;
      seat.task = task;
      seat.lastKey = task.key;
      try {
        this.post(seat, { id: this.nextId++, job: task.job }, task.transfer);
      } catch (error) {
        seat.task = null;
        task.reject(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  private takeNext(): Task<Job, Result> | undefined {
    const [oldest] = this.queue;
    if (!oldest) return undefined;
    const { longWaitMs = LONG_WAIT_MS, backgroundWaitMs = BACKGROUND_WAIT_MS } = this.options;
    const now = performance.now();
    const late = this.queue.find(
      ({ since, priority }) => now - since >= (priority < 0 ? backgroundWaitMs : longWaitMs),
    );
    const next =
      late ?? this.queue.reduce((best, task) => (task.priority > best.priority ? task : best));
    this.queue.splice(this.queue.indexOf(next), 1);
    return next;
  }

  private post(
    seat: Seat<Job, Result>,
    message: ToWorker<Job>,
    transfer: TransferListItem[] = [],
  ): void {
    seat.worker.postMessage(message, transfer);
  }
}

function revive({ code, message }: PlainError): Error {
  return code === null ? new Error(message) : new VisionError(code, message);
}
