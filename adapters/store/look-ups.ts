import { randomUUID } from "node:crypto";
import type { AuditEntry, AuditRepository } from "../../core/auth/ports";
import type { DatabaseOptions } from "../database/types";

type LookUp = Omit<AuditEntry, "id" | "at">;

export interface LookUpParts {
  audit: () => Promise<AuditRepository>;
  clock: () => number;
  log: DatabaseOptions["log"];
}

/** What is written together, and how long a look-up waits for others at most. */
const BATCH = 200;
const WAIT_MS = 500;
/** While the database is away so many wait; the oldest are then given up, and counted. */
const MAX_WAITING = 20_000;
/** The same list asked for again within this time (a dashboard) is one line with a count. */
const REPEAT_MS = 60_000;

/**
 * Writes look-ups to the audit log without making anybody wait for it: several at
 * once, at most half a second later. A crash can lose those half seconds.
 */
export class LookUpLog {
  private waiting: AuditEntry[] = [];
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();
  private lost = 0;
  private readonly recent = new Map<string, { entry: AuditEntry; repeats: number }>();

  constructor(private readonly parts: LookUpParts) {}

  /** Notes that somebody looked something up. */
  note(lookUp: LookUp): void {
    const entry: AuditEntry = { id: randomUUID(), at: this.parts.clock(), ...lookUp };
    if (lookUp.subject === null && this.isRepeat(entry)) return;
    this.add(entry);
  }

  /** Writes what waits; for tests and before the log is read. */
  async flush(): Promise<void> {
    this.stopTimer();
    this.writing = this.writing.then(() => this.write());
    await this.writing;
  }

  /** Writes what waits, repeats included. */
  async close(): Promise<void> {
    this.endRepeats(Infinity);
    await this.flush();
    this.stopTimer();
    if (this.waiting.length > 0) {
      this.parts.log("error", `${this.waiting.length} look-ups could not be written down`);
    }
  }

  private isRepeat(entry: AuditEntry): boolean {
    this.endRepeats(entry.at - REPEAT_MS);
    const { actor, action, address, purpose, detail } = entry;
    const key = JSON.stringify([actor, action, address, purpose, detail]);
    const known = this.recent.get(key);
    if (known) known.repeats++;
    else this.recent.set(key, { entry, repeats: 0 });
    return known !== undefined;
  }

  /** A line for each list that was asked for again since `before`. */
  private endRepeats(before: number): void {
    for (const [key, { entry, repeats }] of this.recent) {
      if (entry.at > before) return;
      this.recent.delete(key);
      const detail = { ...entry.detail, repeats };
      if (repeats > 0) this.add({ ...entry, id: randomUUID(), at: this.parts.clock(), detail });
    }
  }

  private add(entry: AuditEntry): void {
    this.waiting.push(entry);
    if (this.waiting.length > MAX_WAITING) {
      this.waiting.shift();
      this.lost++;
    }
    if (this.waiting.length >= BATCH) void this.flush();
    else this.schedule();
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, BATCH);
      try {
        await (await this.parts.audit()).appendAll(batch);
      } catch (error) {
        this.parts.log("warn", `look-ups wait to be written down: ${String(error)}`);
        this.schedule(10 * WAIT_MS);
        return;
      }
      const written = new Set(batch);
      this.waiting = this.waiting.filter((entry) => !written.has(entry));
    }
    if (this.lost > 0) this.parts.log("error", `${this.lost} look-ups were not written down`);
    this.lost = 0;
  }

  private schedule(ms = WAIT_MS): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.endRepeats(this.parts.clock() - REPEAT_MS);
      void this.flush();
    }, ms);
    this.timer.unref();
  }

  private stopTimer(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
