import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { FrameStore } from "../../adapters/frames/frame-store";
import { PooledVision, type VisionOptions } from "../../adapters/vision/service";
import type { PixelFrame } from "../../core/vision/ports";
import { toI420 } from "./i420";
import { samplePicture } from "./sample";

export interface LoopOptions {
  vision: VisionOptions;
  seconds: number;
  fps: number;
  width: number;
  height: number;
}

export interface LoopResult {
  engine: string;
  frames: number;
  read: number;
  dropped: number;
  /** Delay of the main loop in milliseconds. */
  p50: number;
  p99: number;
  max: number;
  /** Milliseconds from a frame to its reads. */
  latencyMs: number;
}

/** Resolution of the delay measurement, taken off again, in milliseconds. */
const RESOLUTION = 1;

/**
 * Reads a camera's worth of raw frames while the main loop's delay is measured.
 * Each frame is copied into shared memory of its own, as a source does it.
 */
export async function measureLoop(options: LoopOptions): Promise<LoopResult> {
  const { width, height, fps, seconds } = options;
  const pixels = toI420(await samplePicture(width, height).raw().toBuffer(), width, height);
  const service = new PooledVision(options.vision);
  const store = new FrameStore();
  const run = { frames: 0, read: 0, dropped: 0, latency: 0, busy: false };
  let last = Promise.resolve();
  try {
    const { engine } = await service.ready();
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
    delay.enable();
    const started = performance.now();
    for (let i = 0; i < seconds * fps; i++) {
      await wait(Math.max(0, started + (i * 1000) / fps - performance.now()));
      run.frames++;
      const frame = frameOf(pixels, i, width, height);
      store.put(frame);
      if (run.busy) run.dropped++;
      else last = readFrame(service, frame, run);
    }
    delay.disable();
    await last;
    const ms = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION);
    return {
      engine,
      frames: run.frames,
      read: run.read,
      dropped: run.dropped,
      p50: ms(delay.percentile(50)),
      p99: ms(delay.percentile(99)),
      max: ms(delay.max),
      latencyMs: run.latency / Math.max(run.read, 1),
    };
  } finally {
    await service.close();
  }
}

function frameOf(pixels: Uint8Array, seq: number, width: number, height: number): PixelFrame {
  const data = new SharedArrayBuffer(pixels.length);
  new Uint8Array(data).set(pixels);
  const about = { cameraId: "bench", laneId: null, seq, capturedAt: Date.now() };
  return { id: `bench-${seq}`, ...about, width, height, format: "i420", data };
}

async function readFrame(
  service: PooledVision,
  frame: PixelFrame,
  run: { read: number; latency: number; busy: boolean },
): Promise<void> {
  run.busy = true;
  const started = performance.now();
  const found = await service.detect(frame);
  await service.read(frame, found);
  await service.encode(frame, { maxSide: 960, quality: 75 });
  run.busy = false;
  run.read++;
  run.latency += performance.now() - started;
}
