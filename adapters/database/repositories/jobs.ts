import type { ExpressionBuilder, Selectable } from "kysely";
import type { PageOf, PageRequest } from "../../../core/auth/ports";
import type { Checkpoint, Job, JobKind, JobState } from "../../../core/jobs/job";
import type { JobEnd, JobFilter, JobReport, JobRepository } from "../../../core/jobs/ports";
import type { Schema } from "../schema";
import type { JobsTable } from "../schema-jobs";
import type { Database } from "../types";
import { pageOf } from "./pages";
import { flag, json, jsonOrNull, parsed } from "./rows";

/** Jobs in the database. Who changes one names what it must be, so that of two workers one has it. */
export class DatabaseJobs implements JobRepository {
  constructor(private readonly database: Database) {}

  async create(job: Job): Promise<void> {
    await this.database.db
      .insertInto("jobs")
      .values({
        id: job.id,
        kind: job.kind,
        state: job.state,
        progress: job.progress,
        camera_id: job.cameraId,
        file_name: job.fileName,
        file_path: job.filePath,
        owns_file: flag(job.ownsFile),
        file_bytes: job.fileBytes,
        storage: job.storage,
        params_json: json(job.params),
        checkpoint_json: jsonOrNull(job.checkpoint),
        counts_json: json(job.counts),
        problems_json: json(job.problems),
        attempts: job.attempts,
        created_by: job.createdBy,
        created_at: job.createdAt,
        started_at: job.startedAt,
        finished_at: job.finishedAt,
        updated_at: job.updatedAt,
        worker: null,
        lease_until: null,
        cancelling: 0,
      })
      .execute();
  }

  async get(id: string): Promise<Job | null> {
    const row = await this.database.db
      .selectFrom("jobs")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
    return row ? jobOf(row) : null;
  }

  list({ kind, state }: JobFilter, page: PageRequest): Promise<PageOf<Job>> {
    let query = this.database.db.selectFrom("jobs");
    if (kind !== undefined) query = query.where("kind", "=", kind);
    if (state !== undefined) query = query.where("state", "=", state);
    return pageOf(page, jobOf, {
      count: query.select((eb) => eb.fn.countAll<number>().as("n")),
      rows: query.selectAll("jobs").orderBy("created_at", "desc").orderBy("id", "desc"),
    });
  }

  async waiting(kind: JobKind, storage: string, now: number, limit: number): Promise<string[]> {
    const rows = await this.database.db
      .selectFrom("jobs")
      .select("id")
      .where(free(now))
      .where("kind", "=", kind)
      .where("storage", "=", storage)
      .orderBy("created_at")
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id);
  }

  async claim(id: string, worker: string, leaseUntil: number, now: number): Promise<Job | null> {
    const changed = await this.change((table) =>
      table
        .set((eb) => ({
          state: "processing",
          worker,
          lease_until: leaseUntil,
          attempts: eb("attempts", "+", 1),
          started_at: eb.fn.coalesce("started_at", eb.val(now)),
          finished_at: null,
          updated_at: now,
        }))
        .where("id", "=", id)
        .where(free(now)),
    );
    return changed ? this.get(id) : null;
  }

  async report(
    id: string,
    worker: string,
    report: JobReport,
    leaseUntil: number,
    now: number,
  ): Promise<"go_on" | "cancel" | "lost"> {
    const changed = await this.change((table) =>
      table
        .set({ ...columnsOf(report), lease_until: leaseUntil, updated_at: now })
        .where("id", "=", id)
        .where("worker", "=", worker)
        .where("state", "=", "processing"),
    );
    if (!changed) return "lost";
    return (await this.get(id))?.cancelling ? "cancel" : "go_on";
  }

  end(id: string, worker: string, end: JobEnd, now: number): Promise<boolean> {
    const file = end.filePath === undefined ? {} : { file_path: end.filePath, owns_file: 1 };
    return this.change((table) =>
      table
        .set({
          ...columnsOf(end),
          ...file,
          ...(end.fileBytes === undefined ? {} : { file_bytes: end.fileBytes }),
          state: end.state,
          finished_at: end.state === "queued" ? null : now,
          worker: null,
          lease_until: null,
          updated_at: now,
        })
        // handed back: that was no failure
        .set((eb) => (end.state === "queued" ? { attempts: eb("attempts", "-", 1) } : {}))
        .where("id", "=", id)
        .where("worker", "=", worker)
        .where("state", "=", "processing"),
    );
  }

  async cancel(id: string, now: number): Promise<boolean> {
    const ended = await this.change((table) =>
      table
        .set({ state: "cancelled", cancelling: 1, finished_at: now, updated_at: now })
        .where("id", "=", id)
        .where(free(now)),
    );
    if (ended) return true;
    return this.change((table) =>
      table
        .set({ cancelling: 1, updated_at: now })
        .where("id", "=", id)
        .where("state", "=", "processing"),
    );
  }

  retry(id: string, now: number): Promise<boolean> {
    return this.change((table) =>
      table
        .set({ state: "queued", cancelling: 0, finished_at: null, problems_json: "[]" })
        .set({ worker: null, lease_until: null, updated_at: now, attempts: 0 })
        .where("id", "=", id)
        .where("state", "in", ["failed", "cancelled"])
        .where((eb) => eb.or([eb("file_path", "is not", null), eb("kind", "<>", "video")])),
    );
  }

  async withOldFiles(
    storage: string,
    before: number,
    after: string,
    limit: number,
  ): Promise<Job[]> {
    const rows = await this.owned(storage)
      .selectAll()
      .where("finished_at", "<", before)
      .where("id", ">", after)
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map(jobOf);
  }

  async files(storage: string): Promise<{ paths: string[]; bytes: number }> {
    const rows = await this.owned(storage).select(["file_path", "file_bytes"]).execute();
    return {
      paths: rows.flatMap(({ file_path: path }) => path ?? []),
      bytes: rows.reduce((sum, { file_bytes: bytes }) => sum + bytes, 0),
    };
  }

  async forgetFile(id: string, now: number): Promise<void> {
    await this.change((table) =>
      table.set({ file_path: null, updated_at: now }).where("id", "=", id),
    );
  }

  /** Jobs with a file of ours in a storage. */
  private owned(storage: string) {
    return this.database.db
      .selectFrom("jobs")
      .where("storage", "=", storage)
      .where("file_path", "is not", null)
      .where("owns_file", "=", 1);
  }

  /** @returns whether a row was changed */
  private async change(
    make: (table: ReturnType<typeof updating>) => {
      executeTakeFirst(): Promise<{ numUpdatedRows: bigint } | undefined>;
    },
  ): Promise<boolean> {
    const done = await make(updating(this.database)).executeTakeFirst();
    return (done?.numUpdatedRows ?? 0n) > 0n;
  }
}

const updating = ({ db }: Database) => db.updateTable("jobs");

/** Waits for a worker, or was left by one. */
function free(now: number) {
  return (eb: ExpressionBuilder<Schema, "jobs">) =>
    eb.or([
      eb("state", "=", "queued"),
      eb.and([eb("state", "=", "processing"), eb("lease_until", "<", now)]),
    ]);
}

function columnsOf({ progress, counts, checkpoint, problems }: JobReport) {
  return {
    progress,
    counts_json: json(counts),
    checkpoint_json: jsonOrNull(checkpoint),
    problems_json: json(problems),
  };
}

function jobOf(row: Selectable<JobsTable>): Job {
  return {
    id: row.id,
    kind: row.kind as JobKind,
    state: row.state as JobState,
    progress: row.progress,
    cameraId: row.camera_id,
    fileName: row.file_name,
    filePath: row.file_path,
    ownsFile: row.owns_file === 1,
    fileBytes: row.file_bytes,
    storage: row.storage,
    params: parsed<Record<string, unknown>>(row.params_json, {}),
    checkpoint: parsed<Checkpoint | null>(row.checkpoint_json, null),
    counts: parsed<Record<string, number>>(row.counts_json, {}),
    problems: parsed<Job["problems"]>(row.problems_json, []),
    attempts: row.attempts,
    createdBy: row.created_by,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    updatedAt: row.updated_at,
    cancelling: row.cancelling === 1,
  };
}
