import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BarrierLocks } from "../../core/barrier/ports";

const FILE = "barrier-locks.json";

/**
 * Which barriers are locked, in a small file of the home folder that is for its owner
 * alone: it has to be known before any read can come, so before the store answers. Where
 * the file cannot be read, every barrier counts as locked until it is unlocked.
 */
export class KeptLocks implements BarrierLocks {
  private readonly path: string;
  private locked = new Set<string>();
  private readonly unlocked = new Set<string>();
  /** Why the file could not be read, or null. */
  private unreadable: string | null = null;

  constructor(private readonly home: string) {
    this.path = join(home, FILE);
    try {
      this.locked = parsed(readFileSync(this.path, "utf8"));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT") this.unreadable = message;
    }
  }

  why(id: string): string | null {
    if (this.locked.has(id)) return "was locked before the restart";
    if (this.unreadable === null || this.unlocked.has(id)) return null;
    return `${FILE} cannot be read, so it counts as locked: unlock it (${this.unreadable})`;
  }

  keep(id: string, locked: boolean): void {
    if (locked) this.locked.add(id);
    else {
      this.locked.delete(id);
      this.unlocked.add(id);
    }
    mkdirSync(this.home, { recursive: true, mode: 0o700 });
    const part = `${this.path}.part`;
    writeFileSync(part, JSON.stringify([...this.locked].sort()), { mode: 0o600, flush: true });
    renameSync(part, this.path);
  }
}

/** @throws Error where it is no list of ids */
function parsed(text: string): Set<string> {
  const ids: unknown = JSON.parse(text);
  const fits = Array.isArray(ids) && ids.every((id) => typeof id === "string");
  if (!fits) throw new Error("not a list of barrier ids");
  return new Set(ids);
}

const byHome = new Map<string, KeptLocks>();

/** The locks of a home folder, one for the process: they hold over redeploys without a disk too. */
export function keptLocks(home: string): KeptLocks {
  let locks = byHome.get(home);
  if (!locks) byHome.set(home, (locks = new KeptLocks(home)));
  return locks;
}
