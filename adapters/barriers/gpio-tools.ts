import { spawn, type ChildProcess } from "node:child_process";
import { BarrierError } from "../../core/barrier/ports";
import type { GpioLines } from "./gpio-driver";
import type { GpioOptions } from "./gpio-types";

/** A tool that has not failed by then has set its line (v1 says nothing). */
const SETTLED_MS = 80;
/** Longest time for a tool that is to end by itself. */
const TOOL_MS = 5_000;

/**
 * Lines by libgpiod's command-line tools. A line keeps its level only as long as
 * the process that set it lives, and until then it is busy for all others. So the
 * process stays for the pulse and ends by itself, even where we were killed, and the
 * line is then set to off explicitly.
 */
export class GpioTools implements GpioLines {
  private readonly holders = new Map<number, ChildProcess>();
  private version: Promise<"v1" | "v2"> | null = null;

  constructor(private readonly options: GpioOptions) {}

  async on(line: number, pulseMs: number): Promise<void> {
    const version = await this.findVersion();
    await this.letGo(line);
    const args =
      version === "v1" ? this.onV1(line, pulseMs) : [...this.setV2(), ...this.onV2(line, pulseMs)];
    const child = spawn("gpioset", args, { stdio: ["ignore", "pipe", "pipe"] });
    this.holders.set(line, child);
    child.once("exit", () => {
      if (this.holders.get(line) === child) this.holders.delete(line);
    });
    await settled(child, version === "v2");
  }

  async off(line: number): Promise<void> {
    const version = await this.findVersion();
    await this.letGo(line);
    const args =
      version === "v1"
        ? ["--mode=exit", ...this.low(), this.options.chip, `${line}=0`]
        : [...this.setV2(), "--toggle", "0", `${line}=0`];
    await run("gpioset", args);
  }

  async read(lines: number[]): Promise<boolean[]> {
    const version = await this.findVersion();
    const names = lines.map(String);
    const args =
      version === "v1"
        ? [this.options.chip, ...names]
        : ["--numeric", "--chip", this.options.chip, ...names];
    const values = (await run("gpioget", args)).trim().split(/\s+/);
    if (values.length !== lines.length || values.some((value) => !/^[01]$/.test(value))) {
      throw new BarrierError("unexpected_answer", `gpioget answered "${values.join(" ")}"`);
    }
    return values.map((value) => value === "1");
  }

  /** Asks for the chip's size: even reading an output would make it an input. */
  async check(lines: number[]): Promise<void> {
    const { chip } = this.options;
    const version = await this.findVersion();
    const said = await run("gpioinfo", version === "v1" ? [chip] : ["--chip", chip]);
    const count = /-\s*(\d+) lines/.exec(said)?.[1];
    if (count === undefined) throw new BarrierError("unexpected_answer", "gpioinfo names no lines");
    checkLines(chip, Number(count), lines);
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.holders.keys()].map((line) => this.letGo(line)));
  }

  /** Ends the process that keeps a line on. */
  private async letGo(line: number): Promise<void> {
    const child = this.holders.get(line);
    if (!child) return;
    this.holders.delete(line);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    await gone;
    // Whatever else has the pipes open (a wrapper's child) is not to keep us.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }

  private low(): string[] {
    return this.options.activeLow ? ["--active-low"] : [];
  }

  private onV1(line: number, pulseMs: number): string[] {
    const rest = [...this.low(), this.options.chip, `${line}=1`];
    const seconds = Math.floor(pulseMs / 1_000);
    return ["--mode=time", `--sec=${seconds}`, `--usec=${(pulseMs % 1_000) * 1_000}`, ...rest];
  }

  private setV2(): string[] {
    return [...this.low(), "--chip", this.options.chip];
  }

  /** The toggle back to off is the tool's own: it also ends the pulse when we are gone. */
  private onV2(line: number, pulseMs: number): string[] {
    return ["--banner", "--toggle", `${pulseMs}ms,0`, `${line}=1`];
  }

  private findVersion(): Promise<"v1" | "v2"> {
    const { method } = this.options;
    if (method === "v1" || method === "v2") return Promise.resolve(method);
    this.version ??= run("gpioset", ["--version"]).then((text) => {
      const major = /v?(\d+)\.\d+/.exec(text)?.[1];
      return Number(major) >= 2 ? "v2" : "v1";
    });
    this.version.catch(() => (this.version = null)); // perhaps installed meanwhile
    return this.version;
  }
}

/** @throws BarrierError "configuration" naming the first line that the chip does not have */
export function checkLines(chip: string, count: number, lines: readonly number[]): void {
  const beyond = lines.find((line) => line >= count);
  if (beyond === undefined) return;
  const text = `line ${beyond} does not exist: ${chip} has ${count} lines, 0 to ${count - 1}`;
  throw new BarrierError("configuration", text);
}

/** Resolves once the tool has set its line: it says so (v2), or has not failed (v1). */
function settled(child: ChildProcess, says: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let complaint = "";
    const timer = setTimeout(done, says ? TOOL_MS : SETTLED_MS);
    function done(): void {
      clearTimeout(timer);
      resolve();
    }
    child.stderr?.on("data", (data: Buffer) => (complaint += data.toString()));
    if (says) child.stdout?.once("data", done);
    child.once("error", (error) => reject(missing(error)));
    child.once("close", (code) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(new BarrierError("refused", toolError("gpioset", complaint, code)));
    });
  });
}

/** Runs a tool to its end and returns what it printed. */
function run(tool: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { stdio: ["ignore", "pipe", "pipe"], timeout: TOOL_MS });
    let said = "";
    let complaint = "";
    child.stdout.on("data", (data: Buffer) => (said += data.toString()));
    child.stderr.on("data", (data: Buffer) => (complaint += data.toString()));
    child.once("error", (error) => reject(missing(error)));
    child.once("close", (code) => {
      if (code === 0) resolve(said);
      else reject(new BarrierError("refused", toolError(tool, complaint, code)));
    });
  });
}

function missing(error: NodeJS.ErrnoException): BarrierError {
  if (error.code !== "ENOENT") return new BarrierError("unreachable", error.message);
  const text = "libgpiod's tools (gpioset, gpioget) are not installed: install the package gpiod";
  return new BarrierError("configuration", text);
}

function toolError(tool: string, complaint: string, code: number | null): string {
  const text = complaint.trim().slice(0, 300);
  return text === "" ? `${tool} ended with status ${code}` : text;
}
