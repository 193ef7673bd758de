import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";

/** Uploads that nobody goes on with, and videos of no job, are deleted after this long, in ms. */
const ABANDONED_MS = 24 * 3_600_000;
const MARK = ".storage-id";
const PART = ".part";
const VIDEO = ".video";

/**
 * The folder of videos and archives: `PLATEGATE_UPLOADS`, else `uploads` in the home.
 * Several machines may mount one folder; an id in it tells who sees the same.
 */
export class JobFolder {
  readonly path: string;
  private known: Promise<string> | null = null;

  constructor(home: string, env: NodeJS.ProcessEnv) {
    this.path = resolve(env.PLATEGATE_UPLOADS || join(home, "uploads"));
  }

  /** The folder's id; made at the first call. */
  storage(): Promise<string> {
    this.known ??= this.open();
    this.known.catch(() => (this.known = null));
    return this.known;
  }

  /** A file of a job. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Where a file is written until it is whole. */
  part(): string {
    return this.file(`${randomUUID()}${PART}`);
  }

  /** Where a file is here that another machine, which mounts this folder elsewhere, gave the path of. */
  here(path: string): string {
    return this.file(basename(path));
  }

  /**
   * Deletes what uploads that broke off with the program left behind.
   * @param known the files of jobs
   */
  async sweep(known: readonly string[], now: number): Promise<void> {
    await this.storage();
    const names = new Set(known.map((path) => basename(path)));
    for (const name of await readdir(this.path)) {
      if (!name.endsWith(PART) && !(name.endsWith(VIDEO) && !names.has(name))) continue;
      const path = this.file(name);
      const info = await stat(path).catch(() => null);
      if (!info || now - info.mtimeMs <= ABANDONED_MS) continue;
      await rm(path, { force: true }).catch(() => undefined); // the next run tries again
    }
  }

  private async open(): Promise<string> {
    await mkdir(this.path, { recursive: true, mode: 0o750 });
    const mark = this.file(MARK);
    const found = await readFile(mark, "utf8").catch(() => "");
    if (found.trim() !== "") return found.trim();
    // written beside and linked, so that of two programs that start at once one id counts
    const mine = this.part();
    const file = await open(mine, "wx", 0o640);
    await file.writeFile(`${randomUUID()}\n`);
    await file.close();
    await link(mine, mark).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    await rm(mine, { force: true });
    return (await readFile(mark, "utf8")).trim();
  }
}
