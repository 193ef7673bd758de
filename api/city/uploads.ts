import { rename, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { JobService } from "../../adapters/jobs/service";
import { RoomError } from "../../adapters/jobs/upload-room";
import { CONTAINER_BYTES, containerOf } from "../../adapters/video/container";
import { noteChange } from "../config/audit";
import { canBeRecorded } from "../../core/jobs/job";
import { ApiError } from "../errors";
import { receiveFile, type FileUpload } from "../http/file-upload";
import { parseInput } from "../http/validate";
import { json, operation } from "../operations";
import { text, timeInput } from "../schemas";
import { jobSchema, jobView } from "./job-view";

const MB = 1024 * 1024;
/** Largest video in MB (API-DECISIONS, Limits); PLATEGATE_MAX_VIDEO_MB sets another. */
const MAX_VIDEO_MB = 4096;

const empty = z.literal("").transform(() => undefined);
const fieldsSchema = z.object({
  camera_id: empty.or(text(128)).optional().describe("the camera that the video is of"),
  recorded_at: empty
    .or(timeInput.refine((at) => canBeRecorded(at, Date.now()), "lies in the future"))
    .optional()
    .describe(
      "when the video begins, ISO 8601, not in the future; else as the file says, else now",
    ),
});

/** `POST /api/uploads` of reference 3: a video becomes a job. */
export const uploadVideo = operation({
  id: "city.uploads",
  permission: "review",
  summary: "Upload a video; its passages are found by a job",
  method: "post",
  path: "/api/uploads",
  input: {},
  form: {
    fields: fieldsSchema,
    files: {
      file: {
        description: "MP4, MOV, MKV, WebM, AVI, MPEG (TS, PS), FLV, WMV or OGG",
        required: true,
      },
    },
  },
  replies: { 202: { description: "The job", body: jobSchema } },
  async handle(context) {
    const { request, services, principal } = context;
    const { jobs } = services.store;
    const upload = await receiveVideo(request, jobs, principal.id);
    const fields = await keptOnlyIf(upload.path, () =>
      parseInput(fieldsSchema, upload.fields, 422),
    );
    const path = upload.path.replace(/\.part$/, ".video");
    await rename(upload.path, path);
    const job = await keptOnlyIf(path, () =>
      jobs.create({
        kind: "video",
        createdBy: principal.name,
        cameraId: fields.camera_id ?? null,
        fileName: upload.name === "" ? null : upload.name,
        filePath: path,
        fileBytes: upload.bytes,
        params: fields.recorded_at === undefined ? {} : { recorded_at: fields.recorded_at },
      }),
    );
    await noteChange(context, "job.create", `job:${job.id}`, []);
    return json(jobView(job, context), 202);
  },
});

/** Streams the video into the folder of jobs, while there is room. */
async function receiveVideo(
  request: IncomingMessage,
  { folder, room }: JobService,
  user: string,
): Promise<FileUpload> {
  const maxBytes = maxVideoBytes(process.env);
  const announced = Number(request.headers["content-length"] ?? 0);
  const place = await room.enter(user, Math.min(announced || 0, maxBytes)).catch(noRoom);
  try {
    return await receiveFile(request, {
      field: "file",
      maxBytes,
      path: folder.part(),
      headBytes: CONTAINER_BYTES,
      check: (head) => {
        if (containerOf(head)) return;
        const detail = "This is no video of a kind that can be read";
        throw new ApiError(415, "UNSUPPORTED_MEDIA_TYPE", detail, {
          errors: [
            { field: "file", message: "is no MP4, MOV, MKV, WebM, AVI, MPEG, FLV, WMV, OGG" },
          ],
        });
      },
      wrote: (bytes) => place.wrote(bytes).catch(noRoom),
    });
  } finally {
    place.leave();
  }
}

/** @throws ApiError 429 or 507, for an upload that there is no room for */
function noRoom(error: unknown): never {
  if (!(error instanceof RoomError)) throw error;
  if (error.problem === "too_many") {
    const detail = "Two uploads of yours are under way; wait until one of them has ended";
    throw new ApiError(429, "RATE_LIMIT_EXCEEDED", detail, { body: { reason: "uploads_at_once" } });
  }
  throw ApiError.full(
    error.problem === "disk"
      ? "The disk of the server is nearly full; the rest of it is kept for the gate"
      : "Uploads take all the room that they may; older ones are deleted in time (retention)",
  );
}

/** Deletes the file where what is to be done with it fails. */
async function keptOnlyIf<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Largest video in bytes. */
export function maxVideoBytes(env: NodeJS.ProcessEnv): number {
  const set = Number(env.PLATEGATE_MAX_VIDEO_MB ?? "");
  return Math.floor((set > 0 ? set : MAX_VIDEO_MB) * MB);
}
