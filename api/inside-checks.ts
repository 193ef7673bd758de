import { statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import { runningCameras, type RunningCamera } from "../adapters/cameras/running";
import { inferenceTimes } from "../adapters/vision/service";
import type { ResourceRepositories } from "../core/config/ports";
import type { VisionService } from "../core/vision/ports";
import type { ComponentHealth, Health } from "./health";

const MB = 1024 * 1024;
/** Less free room than this is worth saying. */
const LOW_DISK = { bytes: 1024 * MB, share: 0.05 };
/** A loop that is held up longer than this at times (p99) drops frames. */
const SLOW_LOOP_MS = 200;

const loop = monitorEventLoopDelay({ resolution: 20 });

/** Adds the checks of the detailed report: what it costs to look is paid by who asks. */
export function addInsideChecks(
  health: Health,
  parts: {
    home: string;
    resources: ResourceRepositories;
    vision: () => VisionService;
  },
): void {
  loop.enable();
  health.addInside("cameras", () => camerasHealth(parts.resources));
  health.addInside("inference", () => inferenceHealth(parts.vision()));
  health.addInside("disk", () => diskHealth(parts.home));
  health.addInside("memory", memoryHealth);
  health.addInside("event_loop", loopHealth);
  health.addInside("exporters", () => exportersHealth(parts.resources));
}

async function camerasHealth(resources: ResourceRepositories): Promise<ComponentHealth> {
  const running = runningCameras.all();
  const enabled = await resources.cameras.list({ enabled: true }, { skip: 0, limit: 1000 });
  const unread = enabled.items.filter(({ id }) => !runningCameras.get(id)).map(({ id }) => id);
  if (running.length + unread.length === 0) return { status: "not_configured" };
  const live = running.filter((camera) => camera.state().state === "live").length;
  return {
    status: live === running.length && unread.length === 0 ? "healthy" : "degraded",
    total: running.length + unread.length,
    live,
    not_read: unread,
    cameras: Object.fromEntries(running.map((camera) => [camera.cameraId, cameraState(camera)])),
  };
}

function cameraState(camera: RunningCamera): Record<string, unknown> {
  const { state, error, info } = camera.state();
  const { fps, frames, dropped, broken, reconnects } = camera.stats();
  return {
    state,
    error: error?.code ?? null,
    fps: Math.round(fps * 10) / 10,
    frames,
    dropped,
    broken,
    reconnects,
    codec: info?.codec ?? null,
    width: info?.width ?? null,
    height: info?.height ?? null,
  };
}

async function inferenceHealth(vision: VisionService): Promise<ComponentHealth> {
  const { engine, models, workers } = await vision.ready();
  return {
    status: "healthy",
    engine,
    workers,
    waiting: vision.pending(),
    models,
    times_ms: await inferenceTimes(),
  };
}

async function diskHealth(home: string): Promise<ComponentHealth> {
  const { bsize, bavail, blocks } = await statfs(home);
  const free = bsize * bavail;
  const total = bsize * blocks;
  const low = free < LOW_DISK.bytes || free < total * LOW_DISK.share;
  return {
    status: low ? "degraded" : "healthy",
    ...(low ? { error: "the disk is nearly full" } : {}),
    free_mb: Math.round(free / MB),
    total_mb: Math.round(total / MB),
  };
}

function memoryHealth(): ComponentHealth {
  const { rss, heapUsed, external } = process.memoryUsage();
  const limit = getHeapStatistics().heap_size_limit;
  return {
    status: heapUsed > limit * 0.9 ? "degraded" : "healthy",
    rss_mb: Math.round(rss / MB),
    heap_used_mb: Math.round(heapUsed / MB),
    heap_max_mb: Math.round(limit / MB),
    external_mb: Math.round(external / MB),
    system_free_mb: Math.round(freemem() / MB),
    system_total_mb: Math.round(totalmem() / MB),
  };
}

/** Delays since the last look. */
function loopHealth(): ComponentHealth {
  const ms = (nanoseconds: number) => Math.round(nanoseconds / 1e5) / 10;
  const p99 = ms(loop.percentile(99));
  const delays = { mean_ms: ms(loop.mean || 0), p99_ms: p99, max_ms: ms(loop.max) };
  loop.reset();
  return { status: p99 > SLOW_LOOP_MS ? "degraded" : "healthy", ...delays };
}

async function exportersHealth(resources: ResourceRepositories): Promise<ComponentHealth> {
  const page = { skip: 0, limit: 0 };
  const [{ total: configured }, { total: enabled }] = await Promise.all([
    resources.exporters.list({}, page),
    resources.exporters.list({ enabled: true }, page),
  ]);
  if (configured === 0) return { status: "not_configured" };
  return { status: "healthy", configured, enabled };
}
