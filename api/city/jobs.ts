import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { z } from "zod";
import { JOB_KINDS, JOB_STATES, type Job } from "../../core/jobs/job";
import { noteChange } from "../config/audit";
import { ApiError } from "../errors";
import { json, operation, type Operation, type OperationContext } from "../operations";
import { pageFields, pageSchema, text } from "../schemas";
import { jobSchema, jobView, mayHandle } from "./job-view";

const one = { params: z.object({ job_id: text(128) }) };
const reply = { 200: { description: "The job", body: jobSchema } };

async function found({ services }: OperationContext, id: string): Promise<Job> {
  const job = await (await services.store.jobs.repository()).get(id);
  if (!job) throw ApiError.notFound("Job not found");
  return job;
}

/** @throws ApiError 404; 403 where the caller may see the job and do nothing with it */
async function handled(context: OperationContext, id: string): Promise<Job> {
  const job = await found(context, id);
  if (!mayHandle(context.principal, job)) throw ApiError.forbidden();
  return job;
}

function changed(context: OperationContext, job: Job | null, why: string) {
  if (!job) throw new ApiError(409, "CONFLICT", why);
  return json(jobView(job, context));
}

/** Jobs: videos that are read, exports that are made (reference 3). */
export const jobOperations: Operation[] = [
  operation({
    id: "city.jobs",
    permission: "review",
    summary: "Jobs, newest first",
    method: "get",
    path: "/api/jobs",
    input: {
      query: z.object({
        ...pageFields(50, 200),
        status: z.enum(JOB_STATES).optional(),
        kind: z.enum(JOB_KINDS).optional(),
      }),
    },
    replies: { 200: { description: "A page of jobs", body: pageSchema(jobSchema) } },
    async handle(context, { query }) {
      const { skip, limit, status, kind } = query;
      const jobs = await context.services.store.jobs.repository();
      const { items, total } = await jobs.list({ state: status, kind }, { skip, limit });
      const views = items.map((job) => jobView(job, context));
      return json({ items: views, total, skip, limit });
    },
  }),
  operation({
    id: "city.job",
    permission: "review",
    summary: "State, progress and counts of a job",
    method: "get",
    path: "/api/jobs/:job_id",
    input: one,
    replies: reply,
    async handle(context, { params }) {
      return json(jobView(await found(context, params.job_id), context));
    },
  }),
  operation({
    id: "city.job.cancel",
    permission: "review",
    summary: "End a job; what it has found stays",
    method: "post",
    path: "/api/jobs/:job_id/cancel",
    input: one,
    replies: reply,
    async handle(context, { params }) {
      await handled(context, params.job_id);
      const job = await context.services.store.jobs.cancel(params.job_id);
      if (job) await noteChange(context, "job.cancel", `job:${job.id}`, []);
      return changed(context, job, "This job is over already");
    },
  }),
  operation({
    id: "city.job.retry",
    permission: "review",
    summary: "Do a failed or cancelled job again, from where it was",
    method: "post",
    path: "/api/jobs/:job_id/retry",
    input: one,
    replies: reply,
    async handle(context, { params }) {
      await handled(context, params.job_id);
      const job = await context.services.store.jobs.retry(params.job_id);
      if (job) await noteChange(context, "job.retry", `job:${job.id}`, []);
      return changed(
        context,
        job,
        "Only a failed or cancelled job whose file is kept can be retried",
      );
    },
  }),
  operation({
    id: "city.job.download",
    permission: "analytics",
    summary: "What an export made; also without a credential by its signed address",
    method: "get",
    path: "/api/jobs/:job_id/download",
    input: one,
    replies: { 200: { description: "A ZIP archive", contentType: "application/zip" } },
    async handle(context, { params }) {
      const job = await found(context, params.job_id);
      const made = job.kind !== "video" && job.state === "completed" ? job.filePath : null;
      const info = made === null ? null : await stat(made).catch(() => null);
      if (made === null || !info)
        throw ApiError.notFound("There is no file of this job (any more)");
      await noteChange(context, "job.download", `job:${job.id}`, []);
      const name = (job.fileName ?? "export.zip").replace(/[^\w.-]/g, "_");
      return {
        status: 200,
        headers: {
          "Content-Type": "application/zip",
          "Content-Length": String(info.size),
          "Content-Disposition": `attachment; filename="${name}"`,
        },
        stream: createReadStream(made),
      };
    },
  }),
];
