import { randomUUID } from "node:crypto";
import { z } from "zod";
import { CameraError, parseAddress, probeCamera } from "../../../adapters/cameras";
import { tryExporter } from "../../../adapters/exporters/try-exporter";
import { noteChange } from "../../config/audit";
import { ApiError } from "../../errors";
import { json, operation, type Operation } from "../../operations";
import { text } from "../../schemas";

const params = z.object({ id: text(128) });
const EXPORTER_TIMEOUT_MS = 10_000;

const failedSchema = z.object({
  status: z.literal("failed"),
  message: z.string(),
  error: z.string(),
  response_time_ms: z.number().int(),
});

const CODECS: Record<string, string> = { h264: "H.264", hevc: "H.265", mjpeg: "MJPEG" };

/** Connects to the camera as a source would, and says what it sends. */
const testCamera = operation({
  id: "engine.cameras.test",
  permission: "settings.site",
  summary: "Connect to a camera and say what it sends",
  method: "post",
  path: "/config/cameras/:id/test",
  input: {
    params,
    query: z.object({ timeout: z.coerce.number().min(1).max(60).default(10).describe("seconds") }),
  },
  replies: {
    200: {
      description: "It sends pictures",
      body: z.object({
        status: z.literal("success"),
        message: z.string(),
        response_time_ms: z.number().int(),
        stream_info: z.object({
          codec: z.string(),
          width: z.number().int(),
          height: z.number().int(),
          fps: z.number().nullable(),
        }),
      }),
    },
    503: { description: "It does not, and why", body: failedSchema },
  },
  async handle({ services }, { params: { id }, query: { timeout } }) {
    const camera = await services.resources.cameras.get(id);
    if (!camera) throw ApiError.notFound("Camera not found");
    const started = performance.now();
    const elapsed = () => Math.round(performance.now() - started);
    try {
      if (camera.locked) throw new CameraError("auth_failed", "its address cannot be decrypted");
      const { rtsp_url: url, transport } = camera.fields;
      const input = parseAddress(url, { transport });
      const { codec, width, height, fps } = await probeCamera({ input }, timeout * 1000);
      const info = { codec: CODECS[codec] ?? codec, width, height, fps };
      return json({
        status: "success",
        message: "RTSP stream connection successful",
        response_time_ms: elapsed(),
        stream_info: info,
      });
    } catch (error) {
      if (!(error instanceof CameraError)) throw error;
      const late = error.code === "unreachable" && elapsed() >= timeout * 1000 - 50;
      const why = late ? "Connection timeout" : error.message;
      const answer = {
        status: "failed",
        message: `Failed to connect to RTSP stream: ${why}`,
        error: why,
        response_time_ms: elapsed(),
      };
      return json(answer, 503);
    }
  },
});

/** Sends an event that never was, marked as a test. */
const testExporter = operation({
  id: "engine.exporters.test",
  permission: "system",
  summary: "Send a test event to an exporter's target",
  method: "post",
  path: "/config/exporters/:id/test",
  input: { params },
  replies: {
    200: {
      description: "The target took it",
      body: z.object({
        status: z.literal("success"),
        message: z.string(),
        response_time_ms: z.number().int(),
        http_status: z.number().int().nullable(),
      }),
    },
    503: {
      description: "It did not, and why",
      body: failedSchema.extend({ http_status: z.number().int().optional() }),
    },
  },
  async handle(context, { params: { id } }) {
    const { services } = context;
    const exporter = await services.resources.exporters.get(id);
    if (!exporter) throw ApiError.notFound("Exporter not found");
    const started = performance.now();
    const trial = exporter.locked
      ? { ok: false, httpStatus: null, error: "its secrets cannot be decrypted" }
      : await tryExporter(exporter.fields, testEvent(new Date()), EXPORTER_TIMEOUT_MS, {
          home: services.store.home,
          env: process.env,
          clock: Date.now,
        });
    await noteChange(context, "exporters.test", `exporters:${id}`, []);
    const took = { response_time_ms: Math.round(performance.now() - started) };
    if (trial.ok) {
      const message = "Connection test successful";
      return json({ status: "success", message, ...took, http_status: trial.httpStatus });
    }
    const status = trial.httpStatus === null ? {} : { http_status: trial.httpStatus };
    const message = "Connection test failed";
    return json({ status: "failed", message, error: trial.error, ...took, ...status }, 503);
  },
});

function testEvent(now: Date): Record<string, unknown> {
  const id = `test-${randomUUID()}`;
  return {
    id,
    event_id: id,
    timestamp: now.toISOString(),
    camera_id: null,
    zone_id: null,
    plate_text: "TEST000",
    confidence: null,
    raw_candidates: [],
    frame_url: null,
    crop_url: null,
    vehicle_info: null,
    tpms_status: null,
    metadata: { test: true },
    created_at: now.toISOString(),
  };
}

export const testOperations: Operation[] = [testCamera, testExporter];
