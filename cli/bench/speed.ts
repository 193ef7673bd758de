import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { EngineOptions } from "../../workers/protocol";

/** Milliseconds of each picture. */
export interface Stage {
  wall: number[];
  cpu: number[];
}

/** What one engine took. */
export interface EngineSpeed {
  asked: EngineOptions["engine"];
  engine: string;
  models: string[];
  pictures: number;
  plates: number;
  stages: Record<"decode" | "detect" | "read", Stage>;
  /** Largest resident memory of the process, and what Node.js alone had before the models. */
  peakMb: number;
  beforeMb: number;
}

/** Measures engines one after the other, each in a process of its own. */
export async function measureSpeed(
  engines: readonly EngineOptions["engine"][],
  task: { script: string; files: string[]; repeats: number },
): Promise<EngineSpeed[]> {
  const results: EngineSpeed[] = [];
  for (const engine of engines) {
    const child = [join(__dirname, "speed-child.js"), JSON.stringify({ engine, ...task })];
    const { stdout } = await promisify(execFile)(process.execPath, child);
    results.push(JSON.parse(stdout) as EngineSpeed);
  }
  return results;
}

/** A table for people: medians a picture, and sums. */
export function speedTable(results: readonly EngineSpeed[]): string {
  return results
    .map((r) => {
      const rows = Object.entries(r.stages).map(([name, s]) => row(name, s));
      const total = row("total", {
        wall: sums(Object.values(r.stages).map((s) => s.wall)),
        cpu: sums(Object.values(r.stages).map((s) => s.cpu)),
      });
      const peak = `  memory ${r.peakMb.toFixed(0)} MB at most (${r.beforeMb.toFixed(0)} before the models)`;
      const plates = (r.plates / Math.max(r.pictures, 1)).toFixed(2);
      const head = `${r.asked} (${r.models.join(", ")}): ${r.pictures} picture(s), ${plates} candidates each`;
      return [
        head,
        "            wall ms   CPU ms   (medians a picture)",
        ...rows,
        total,
        peak,
      ].join("\n");
    })
    .join("\n\n");
}

/** Median CPU milliseconds a picture, decode to text. */
export function cpuOf(result: EngineSpeed): number {
  return median(sums(Object.values(result.stages).map((s) => s.cpu)));
}

function row(name: string, s: Stage): string {
  const cell = (v: number): string => v.toFixed(1).padStart(9);
  return `  ${name.padEnd(8)}${cell(median(s.wall))}${cell(median(s.cpu))}`;
}

function sums(lists: number[][]): number[] {
  return (lists[0] ?? []).map((_, i) => lists.reduce((sum, list) => sum + (list[i] ?? 0), 0));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
