import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** How long a process may take to end on SIGTERM before it is killed. */
const GRACE_MS = 1500;
/** Lines of its own words kept, to say why it failed. */
const KEEP_LINES = 40;

const running = new Set<ChildProcess>();
let guarded = false;

/** What became of a process. */
export interface FfmpegExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last lines that it wrote to stderr. */
  lines: string[];
}

/**
 * One ffmpeg. It never outlives us: stopped by {@link stop}, killed when this process
 * exits, and where this process is killed itself, it ends at its next write to the
 * closed pipe or when its own socket time-out passes.
 */
export class FfmpegProcess {
  readonly stdout: Readable;
  /** Resolves when the process is gone; never rejects. */
  readonly exited: Promise<FfmpegExit>;
  private readonly child: ChildProcess;
  private readonly lines: string[] = [];

  /** @param onLine each line of stderr */
  constructor(path: string, args: string[], onLine?: (line: string) => void) {
    guardExit();
    this.child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    const { stdout, stderr } = this.child;
    if (!stdout || !stderr) throw new Error("ffmpeg was started without pipes");
    this.stdout = stdout;
    running.add(this.child);
    const reader = createInterface({ input: stderr });
    reader.on("line", (line) => {
      this.lines.push(line);
      if (this.lines.length > KEEP_LINES) this.lines.shift();
      onLine?.(line);
    });
    this.exited = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        running.delete(this.child);
        reader.close();
        resolve({ code, signal, lines: this.lines });
      };
      this.child.once("error", (error) => {
        this.lines.push(error.message);
        if (this.child.pid === undefined) end(null, null);
      });
      this.child.once("close", end);
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Ends the process, by force after a moment; resolves when it is gone. */
  async stop(): Promise<void> {
    this.stdout.destroy();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGTERM");
      const force = setTimeout(() => this.child.kill("SIGKILL"), GRACE_MS);
      await this.exited;
      clearTimeout(force);
    } else await this.exited;
  }
}

/** Process ids of the ffmpegs that run now. */
export function runningFfmpegs(): number[] {
  return [...running].map((child) => child.pid).filter((pid) => pid !== undefined);
}

function guardExit(): void {
  if (guarded) return;
  guarded = true;
  process.once("exit", () => {
    for (const child of running) child.kill("SIGKILL");
  });
}
