import { z } from "zod";
import { isOver, JOB_KINDS, JOB_STATES, type Job } from "../../core/jobs/job";
import { may, type Principal } from "../auth/permissions";
import { isoTime } from "../events/view";
import type { OperationContext } from "../operations";
import { instant } from "../schemas";

/** A job as clients of reference 3 see it. */
export const jobSchema = z.object({
  job_id: z.string(),
  kind: z.enum(JOB_KINDS),
  status: z.enum(JOB_STATES),
  progress: z.number().describe("0 to 100, per cent"),
  camera_id: z.string().nullable(),
  file_name: z.string().nullable(),
  file_bytes: z.number().int(),
  counts: z
    .record(z.string(), z.number())
    .describe("videos: frames, plates, reads, events, damaged; exports: images, corrected"),
  errors: z
    .array(z.object({ code: z.string(), message: z.string() }))
    .describe("why it failed; of a completed job, what was got over"),
  attempts: z.number().int(),
  cancelling: z.boolean().describe("it was asked to end and has not yet"),
  can_retry: z.boolean().describe("and whether the caller may"),
  created_by: z.string(),
  created_at: instant,
  started_at: instant.nullable(),
  finished_at: instant.nullable(),
  download_url: z
    .string()
    .nullable()
    .describe("of a finished export, for who may export: signed, good for 15 minutes"),
});

/** Whether somebody may end, repeat or fetch a job: exports are for who may ask for them. */
export function mayHandle(principal: Principal, { kind }: Pick<Job, "kind">): boolean {
  return may(principal, kind === "video" ? "review" : "analytics");
}

/** A job as the caller may see it; the address of what it made is signed. */
export function jobView(
  job: Job,
  { request, principal, services }: OperationContext,
): z.infer<typeof jobSchema> {
  const handles = mayHandle(principal, job);
  const made = job.kind !== "video" && job.state === "completed" && job.filePath !== null;
  const path = `/api/jobs/${encodeURIComponent(job.id)}/download`;
  const time = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));
  return {
    job_id: job.id,
    kind: job.kind,
    status: job.state,
    progress: job.progress,
    camera_id: job.cameraId,
    file_name: job.fileName,
    file_bytes: job.fileBytes,
    counts: job.counts,
    errors: job.problems,
    attempts: job.attempts,
    cancelling: job.cancelling && !isOver(job),
    can_retry: handles && canRetry(job),
    created_by: job.createdBy,
    created_at: isoTime(job.createdAt),
    started_at: time(job.startedAt),
    finished_at: time(job.finishedAt),
    download_url: handles && made ? services.links.url(request, path) : null,
  };
}

function canRetry({ state, kind, filePath }: Job): boolean {
  const ended = state === "failed" || state === "cancelled";
  return ended && (kind !== "video" || filePath !== null);
}
