import { z } from "zod";
import { noteChange } from "../config/audit";
import { endsAfterStart, RANGE_ERROR } from "../events/query";
import { json, operation } from "../operations";
import { text, timeInput } from "../schemas";
import { jobSchema, jobView } from "./job-view";

const bodySchema = z
  .object({
    start_date: timeInput.nullish(),
    end_date: timeInput.nullish(),
    camera_id: text(128).nullish(),
    include: z.enum(["all", "confirmed", "corrected"]).default("all"),
  })
  .refine(
    ({ start_date, end_date }) =>
      endsAfterStart({ start_date: start_date ?? undefined, end_date: end_date ?? undefined }),
    RANGE_ERROR,
  );

/** `POST /api/feedback/export` of reference 3: labelled pictures of reviewed events, as a job. */
export const feedbackExport = operation({
  id: "city.feedback.export",
  permission: "analytics",
  lookUp: "event.export",
  summary: "Make an archive of reviewed plates for training (labels.csv and COCO)",
  method: "post",
  path: "/api/feedback/export",
  input: { body: bodySchema },
  replies: { 202: { description: "The job; when it is done, download_url", body: jobSchema } },
  async handle(context, { body }) {
    const { services, principal } = context;
    const job = await services.store.jobs.create({
      kind: "feedback_export",
      createdBy: principal.name,
      cameraId: body.camera_id ?? null,
      fileName: "training-data.zip",
      params: {
        ...(body.include === "all" ? {} : { verdict: body.include }),
        ...(body.start_date == null ? {} : { from: body.start_date }),
        ...(body.end_date == null ? {} : { to: body.end_date }),
      },
    });
    await noteChange(context, "job.create", `job:${job.id}`, []);
    return json(jobView(job, context), 202);
  },
});
