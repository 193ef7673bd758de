import { statfs } from "node:fs/promises";
import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";
import { metricSum } from "./metrics";

/** How this process was, over the time since the sample before. */
export interface Sample {
  /** ms since the epoch */
  at: number;
  /** Per cent of one core. */
  cpu: number;
  /** Resident, in MB of 10⁶ bytes. */
  memory_mb: number;
  /** p99 of the event loop's delay. */
  loop_ms: number;
  disk_free_mb: number;
  /** A second. */
  frames: number;
  /** Frames a second that cameras or busy stages dropped. */
  drops: number;
  /** Mean time of one inference; null where there was none. */
  inference_ms: number | null;
  /** Pictures that wait for a worker, now. */
  inference_waiting: number;
  /** Events that wait to be stored, now. */
  events_waiting: number;
  passages: number;
}

export const SAMPLE_MS = 15_000;
/** An hour. */
const KEPT = 240;
const MB = 1e6;

/** Counters at a moment; samples are made of their differences. */
interface Totals {
  at: number;
  cpuMs: number;
  frames: number;
  drops: number;
  inferenceSeconds: number;
  inferences: number;
  passages: number;
}

/** Samples of the last hour, in memory: enough to see what has changed, with nothing to set up. */
export class MonitoringHistory {
  private readonly kept: Sample[] = [];
  private readonly loop: IntervalHistogram = monitorEventLoopDelay({ resolution: 20 });
  private before: Totals | null = null;
  private timer: NodeJS.Timeout | null = null;

  /** @param home the folder whose disk is looked at */
  start(home: string): void {
    if (this.timer) return;
    this.loop.enable();
    const look = (): void => void this.take(home).catch(() => undefined); // the next one comes
    look();
    this.timer = setInterval(look, SAMPLE_MS);
    this.timer.unref();
  }

  samples(): readonly Sample[] {
    return this.kept;
  }

  /** Takes a sample now. */
  async take(home: string): Promise<void> {
    const now = await totals();
    const { before } = this;
    this.before = now;
    if (!before || now.at <= before.at) return;
    const seconds = (now.at - before.at) / 1000;
    const { bsize, bavail } = await statfs(home);
    const inferences = now.inferences - before.inferences;
    const took = now.inferenceSeconds - before.inferenceSeconds;
    this.kept.push({
      at: now.at,
      cpu: rounded((now.cpuMs - before.cpuMs) / seconds / 10),
      memory_mb: Math.round(process.memoryUsage.rss() / MB),
      loop_ms: rounded(this.loop.percentile(99) / 1e6),
      disk_free_mb: Math.round((bsize * bavail) / MB),
      frames: rounded((now.frames - before.frames) / seconds),
      drops: rounded((now.drops - before.drops) / seconds),
      inference_ms: inferences > 0 ? rounded((took / inferences) * 1000) : null,
      inference_waiting: await metricSum("plategate_inference_waiting"),
      events_waiting: await metricSum("anpr_queue_size"),
      passages: now.passages - before.passages,
    });
    this.loop.reset();
    if (this.kept.length > KEPT) this.kept.shift();
  }
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

async function totals(): Promise<Totals> {
  const { user, system } = process.cpuUsage();
  const inference = "plategate_inference_seconds";
  const dropped = await metricSum("plategate_frames_dropped_total");
  return {
    at: Date.now(),
    cpuMs: (user + system) / 1000,
    frames: await metricSum("plategate_frames_total"),
    drops: dropped + (await metricSum("plategate_frames_given_up_total")),
    inferenceSeconds: await metricSum(inference, `${inference}_sum`),
    inferences: await metricSum(inference, `${inference}_count`),
    passages: await metricSum("plategate_passages_total"),
  };
}

/** This process's last hour. */
export const monitoring = new MonitoringHistory();
