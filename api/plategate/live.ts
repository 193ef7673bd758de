import { PassThrough } from "node:stream";
import { z } from "zod";
import { liveReads } from "../../adapters/frames/live-reads";
import type { FrameStore } from "../../adapters/frames/frame-store";
import type { PixelFrame, VisionService } from "../../core/vision/ports";
import { ApiError } from "../errors";
import { json, operation } from "../operations";
import { instant, text } from "../schemas";

/** Longest side of the live picture in pixels. */
const LIVE_SIDE = 960;
/** Pictures a second, at most. */
const LIVE_FPS = 10;
const BOUNDARY = "plategate-frame";
/** Viewers of all cameras together; each costs an encoder's time. */
const MAX_VIEWERS = 20;

let viewers = 0;

const params = z.object({ id: text(128) });

/** Newest picture of a camera as JPEG. */
export const snapshot = operation({
  id: "plategate.camera_snapshot",
  permission: "events.read",
  summary: "Newest picture of a camera",
  method: "get",
  path: "/api/v1/cameras/:id/snapshot.jpg",
  input: { params },
  replies: { 200: { description: "The picture", contentType: "image/jpeg" } },
  async handle({ services }, { params: { id } }) {
    const frame = services.frames.latest(id);
    if (!frame) throw ApiError.notFound("This camera has no picture yet");
    const body = await services.vision.encode(frame, { maxSide: LIVE_SIDE });
    return {
      status: 200,
      headers: { "Content-Type": "image/jpeg", "Cache-Control": "no-store" },
      body,
    };
  },
});

/** Moving picture of a camera (multipart/x-mixed-replace), for an `<img>`. */
export const live = operation({
  id: "plategate.camera_live",
  permission: "events.read",
  summary: "Live picture of a camera as MJPEG",
  method: "get",
  path: "/api/v1/cameras/:id/live.mjpg",
  input: { params },
  replies: {
    200: { description: "Pictures without end", contentType: "multipart/x-mixed-replace" },
  },
  handle({ services }, { params: { id } }) {
    if (!services.frames.latest(id)) throw ApiError.notFound("This camera has no picture yet");
    if (viewers >= MAX_VIEWERS) throw ApiError.unavailable("Too many people are watching");
    const stream = mjpeg(id, services.frames, services.vision);
    viewers += 1;
    stream.once("close", () => (viewers -= 1));
    return {
      status: 200,
      headers: {
        "Content-Type": `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
        "Cache-Control": "no-store",
      },
      stream,
    };
  },
});

const liveSchema = z.object({
  id: z.string(),
  lane_id: z.string().nullable(),
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
  last_frame_at: instant.nullable(),
  reads: z
    .array(
      z.object({
        text: z.string(),
        confidence: z.number(),
        corners: z.array(z.array(z.number())).describe("four corners, as shares of the sides"),
      }),
    )
    .describe("the plates of the last second"),
});

/** Reads older than this (ms) are of a vehicle that has moved on. */
const READS_STALE_MS = 2_500;

/** The cameras that have sent a picture since the start. */
export const liveCameras = operation({
  id: "plategate.live_cameras",
  permission: "events.read",
  summary: "Cameras that have a live picture",
  method: "get",
  path: "/api/v1/live",
  input: {},
  replies: {
    200: {
      description: "The cameras",
      body: z.object({ items: z.array(liveSchema), total: z.number().int() }),
    },
  },
  handle({ services }) {
    const cameras = services.frames.cameras().map((id) => {
      const frame = services.frames.latest(id);
      return {
        id,
        lane_id: frame?.laneId ?? null,
        width: frame?.width ?? null,
        height: frame?.height ?? null,
        last_frame_at: frame ? new Date(frame.capturedAt).toISOString() : null,
        reads: readsOf(id, frame?.capturedAt ?? 0),
      };
    });
    return json({ items: cameras, total: cameras.length });
  },
});

/** @param now capture time of the newest frame, ms */
function readsOf(cameraId: string, now: number) {
  const last = liveReads.get(cameraId);
  return last && now - last.at <= READS_STALE_MS ? last.reads : [];
}

/**
 * Encodes the camera's newest frame whenever the last one has gone out: a slow
 * viewer gets fewer pictures, never late ones. Each part says when it was taken.
 */
function mjpeg(cameraId: string, frames: FrameStore, vision: VisionService): PassThrough {
  const stream = new PassThrough({ highWaterMark: 256 * 1024 });
  let busy = false;
  let waiting: PixelFrame | null = null;
  let last = 0;

  const take = (frame: PixelFrame): void => {
    if (frame.cameraId !== cameraId) return;
    waiting = frame;
    void pump();
  };
  const pump = async (): Promise<void> => {
    if (busy || stream.destroyed) return;
    busy = true;
    try {
      while (waiting && !stream.destroyed && !stream.writableNeedDrain) {
        const frame: PixelFrame = waiting;
        waiting = null;
        if (frame.capturedAt - last < 900 / LIVE_FPS) continue;
        last = frame.capturedAt;
        const jpeg = await vision.encode(frame, { maxSide: LIVE_SIDE, quality: 75 });
        if (stream.destroyed) return;
        stream.write(
          `--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n` +
            `X-Timestamp: ${new Date(frame.capturedAt).toISOString()}\r\n\r\n`,
        );
        stream.write(jpeg);
        stream.write("\r\n");
      }
    } catch {
      // One picture that cannot be encoded is left out; the next may be good.
    } finally {
      busy = false;
    }
  };

  frames.on("frame", take);
  stream.on("drain", () => void pump());
  stream.once("close", () => frames.off("frame", take));
  const newest = frames.latest(cameraId);
  if (newest) take(newest);
  return stream;
}
