import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import {
  mkdir,
  open,
  realpath,
  rename,
  rm,
  rmdir,
  statfs,
  type FileHandle,
} from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { imagePath, safePath } from "../../core/events/image-path";
import { StoreError } from "../../core/events/errors";
import type {
  ComponentHealth,
  ImageData,
  ImageInfo,
  ImagePaths,
  ImageStore,
  ImageStream,
} from "../../core/events/ports";
import { systemError } from "../database/errors";

/** Below this much free space the store says "degraded". */
const LOW_SPACE = 256 * 1024 * 1024;

/** Pictures in dated folders below one folder. */
export class DiskImages implements ImageStore {
  readonly kind = "disk";
  private readonly root: string;
  private lastError: string | null = null;

  constructor(folder: string) {
    this.root = resolve(folder);
  }

  async put(eventId: string, timestamp: number, images: ImageData): Promise<ImagePaths> {
    const paths: ImagePaths = { frame: null, crop: null };
    try {
      for (const kind of ["frame", "crop"] as const) {
        const data = images[kind];
        if (!data || data.length === 0) continue;
        paths[kind] = imagePath(eventId, timestamp, kind);
        await this.write(paths[kind], data);
      }
      this.lastError = null;
      return paths;
    } catch (error) {
      const translated = systemError(error);
      this.lastError = translated.message;
      throw translated;
    }
  }

  async info(path: string): Promise<ImageInfo | null> {
    return this.withFile(path, async (file) => {
      const info = await infoOf(file);
      await file.close();
      return info;
    });
  }

  async open(path: string, range?: { start: number; end?: number }): Promise<ImageStream | null> {
    return this.withFile(path, async (file) => {
      const info = await infoOf(file);
      const start = range?.start ?? 0;
      const end = Math.min(range?.end ?? info.size - 1, info.size - 1);
      if (start < 0 || start > end) {
        throw new StoreError("invalid", `range ${start}-${end} is not within ${info.size} bytes`);
      }
      const stream = file.createReadStream({ start, end, autoClose: true });
      return { ...info, start, end, stream, cancel: () => stream.destroy() };
    });
  }

  async delete(path: string): Promise<boolean> {
    const found = await this.inside(path);
    if (found === null) return false;
    try {
      await rm(found);
    } catch (error) {
      if (isMissing(error)) return false;
      throw systemError(error);
    }
    await this.removeEmpty(dirname(found));
    return true;
  }

  async health(): Promise<ComponentHealth> {
    const started = performance.now();
    let error = this.lastError;
    let free: number | null = null;
    try {
      await mkdir(this.root, { recursive: true });
      const { bavail, bsize } = await statfs(this.root);
      free = bavail * bsize;
    } catch (thrown) {
      error = systemError(thrown).message;
    }
    const low = free !== null && free < LOW_SPACE;
    return {
      status: error !== null ? "unhealthy" : low ? "degraded" : "healthy",
      responseTimeMs: Math.round(performance.now() - started),
      error: error ?? (low ? "little space left" : null),
      details: { kind: this.kind, free_bytes: free },
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Writes beside the place and renames, so that nobody ever reads half a picture. */
  private async write(path: string, data: Buffer): Promise<void> {
    const target = join(this.root, path);
    const folder = dirname(target);
    await mkdir(folder, { recursive: true });
    if (!(await this.holds(folder))) {
      throw new StoreError("unavailable", `${path} leads out of the picture store`);
    }
    const temporary = join(folder, `.${randomBytes(8).toString("hex")}.tmp`);
    try {
      const file = await open(temporary, "wx", 0o640);
      try {
        await file.writeFile(data);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
    await syncFolder(folder);
  }

  private async withFile<T>(
    path: string,
    work: (file: FileHandle) => Promise<T | null>,
  ): Promise<T | null> {
    const found = await this.inside(path);
    if (found === null) return null;
    let file: FileHandle | null = null;
    try {
      file = await open(found, constants.O_RDONLY | constants.O_NOFOLLOW);
      return await work(file);
    } catch (error) {
      await file?.close();
      if (isMissing(error)) return null;
      throw systemError(error);
    }
  }

  /** The absolute path, or null where the folder's real place is not below the store. */
  private async inside(path: string): Promise<string | null> {
    const safe = safePath(path);
    if (safe === null) return null;
    const full = join(this.root, safe);
    try {
      return (await this.holds(dirname(full))) ? full : null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw systemError(error);
    }
  }

  private async holds(folder: string): Promise<boolean> {
    const [root, real] = await Promise.all([realpath(this.root), realpath(folder)]);
    return real === root || real.startsWith(root + sep);
  }

  /** Removes the folders of a day that holds nothing any more. */
  private async removeEmpty(folder: string): Promise<void> {
    for (let at = folder; at.startsWith(this.root + sep); at = dirname(at)) {
      try {
        await rmdir(at);
      } catch {
        return; // not empty
      }
    }
  }
}

async function infoOf(file: FileHandle): Promise<ImageInfo> {
  const { size, mtimeMs, ino } = await file.stat().then((stat) => {
    if (!stat.isFile()) throw Object.assign(new Error("no file"), { code: "ENOENT" });
    return stat;
  });
  const etag = `"${[size, Math.round(mtimeMs * 1000), ino].map((n) => n.toString(36)).join("-")}"`;
  return { size, modifiedAt: Math.floor(mtimeMs), etag, contentType: "image/jpeg" };
}

/** Makes the new name last; not every file system can, and then nothing is lost but that. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows and some network file systems cannot sync folders
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? "";
  return ["ENOENT", "ENOTDIR", "ELOOP", "EISDIR"].includes(code);
}
