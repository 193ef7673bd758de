import { spawn, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { join } from "node:path";
import { BarrierError } from "../../core/barrier/ports";
import type { DriverSpec } from "./drivers";
import type { OutputGuard } from "./output-timer";

/** Longest wait for the guard's word that it watches. */
const ACK_MS = 5_000;

/** What is written to the guard process, one JSON a line. */
export type GuardOrder =
  { order: "spec"; spec: DriverSpec } | { order: "arm"; ms: number } | { order: "disarm" };

/**
 * A small process of its own that drops an output when this one can't any more.
 * It is told before the output is energised; when the pipe between us breaks (a
 * crash, kill -9) it drops the output at the pulse's end, and it does so too when
 * we live but are a second late.
 */
export class ProcessGuard implements OutputGuard {
  private child: ChildProcess | null = null;
  private acknowledge: (() => void) | null = null;
  private armed = false;

  constructor(private readonly spec: DriverSpec) {}

  /** Starts the process ahead of its first use. */
  prepare(): void {
    this.running();
  }

  /** The process's id, while it runs. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** @throws BarrierError when the guard does not answer: then nothing may be energised */
  async arm(ms: number): Promise<void> {
    const child = this.running();
    this.armed = true;
    let timer: NodeJS.Timeout | undefined;
    const said = new Promise<boolean>((resolve) => {
      this.acknowledge = () => resolve(true);
      timer = setTimeout(() => resolve(false), ACK_MS);
    });
    this.tell(child, { order: "arm", ms });
    const watched = await said;
    clearTimeout(timer);
    this.acknowledge = null;
    if (!watched) throw new BarrierError("timeout", "the guard process does not answer");
  }

  disarm(): void {
    this.armed = false;
    if (this.child) this.tell(this.child, { order: "disarm" });
  }

  /** Lets the process go. One that is still armed first drops the output. */
  async dispose(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (!child) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.stdin?.end();
    if (!this.armed) await gone;
  }

  private running(): ChildProcess {
    if (this.child && this.child.exitCode === null) return this.child;
    const child = spawn(process.execPath, [join(__dirname, "guard-process.js")], {
      stdio: ["pipe", "pipe", "ignore"],
      detached: true, // not in our process group: Ctrl-C is for us alone
    });
    this.child = child;
    child.on("error", () => this.lost(child));
    child.on("exit", () => this.lost(child));
    child.stdin?.on("error", () => undefined); // its exit says it all
    child.stdout?.on("data", () => this.acknowledge?.());
    // Whoever waits for us to end is not to wait for the guard.
    child.unref();
    for (const pipe of [child.stdin, child.stdout]) (pipe as Socket | null)?.unref();
    this.tell(child, { order: "spec", spec: this.spec });
    return child;
  }

  private lost(child: ChildProcess): void {
    if (this.child === child) this.child = null;
  }

  private tell(child: ChildProcess, order: GuardOrder): void {
    if (child.stdin?.writable) child.stdin.write(`${JSON.stringify(order)}\n`);
  }
}
