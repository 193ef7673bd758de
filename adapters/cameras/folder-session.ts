import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { CameraError } from "./errors";
import { MAX_PICTURE_BYTES, readPictureHeader, toShared } from "./picture-header";
import { pause } from "./supervisor";
import type { CameraSettings, Session, SessionSink } from "./types";

const TYPES = new Set([".jpg", ".jpeg", ".png", ".webp"]);
/** How often a watched folder is looked at; works on network drives too. */
const LOOK_MS = 500;
/** A picture that is not whole may still be being written for so long. */
const WRITING_MS = 3000;

/** Plays a folder's pictures in the order of their names, a picture an interval. */
export function folderSession(settings: CameraSettings, sink: SessionSink): Session {
  const stopping = new AbortController();
  const done = play(settings, sink, stopping.signal);
  done.catch(() => undefined);
  return {
    done,
    stop: async () => {
      stopping.abort();
      await done.catch(() => undefined);
    },
  };
}

async function play(
  settings: CameraSettings,
  sink: SessionSink,
  signal: AbortSignal,
): Promise<void> {
  const { input, intervalMs = 1000, loop, watch } = settings;
  if (input.kind !== "folder") throw new CameraError("unsupported", "not a folder");
  const player = new FolderPlayer(input.path, settings, sink);
  while (!signal.aborted) {
    const names = await player.fresh(Boolean(watch));
    for (const name of names) {
      const shown = await player.show(name, Boolean(watch));
      if (shown) await pause(intervalMs, signal);
      if (signal.aborted) return;
    }
    if (names.length === 0 && !player.anything && !watch) {
      throw new CameraError("no_video", "the folder holds no picture that can be shown");
    }
    if (watch) await pause(Math.min(intervalMs, LOOK_MS), signal);
    else if (!loop) return;
    else await player.restart(signal, intervalMs);
  }
}

class FolderPlayer {
  anything = false;
  /** What was shown or given up, by name and time of change. */
  private readonly seen = new Map<string, number>();
  private shownInRound = 0;

  constructor(
    private readonly path: string,
    private readonly settings: CameraSettings,
    private readonly sink: SessionSink,
  ) {}

  /** Names of the pictures not yet shown, in natural order. */
  async fresh(onlyChanged: boolean): Promise<string[]> {
    const names = (await readdir(this.path))
      .filter((name) => TYPES.has(extname(name).toLowerCase()))
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    if (!onlyChanged) return names.filter((name) => !this.seen.has(name));
    const wanted: string[] = [];
    for (const name of names) {
      const changed = await this.changed(name);
      if (changed !== null && this.seen.get(name) !== changed) wanted.push(name);
    }
    return wanted;
  }

  /** Begins again; throws when a whole round showed nothing. */
  async restart(signal: AbortSignal, intervalMs: number): Promise<void> {
    this.seen.clear();
    if (this.shownInRound === 0) {
      throw new CameraError("no_video", "the folder holds no picture that can be shown");
    }
    this.shownInRound = 0;
    await pause(Math.min(intervalMs, 10), signal);
  }

  /** Hands a picture on; false when it was skipped. */
  async show(name: string, mayBeWritten: boolean): Promise<boolean> {
    const changed = (await this.changed(name)) ?? 0;
    try {
      const data = await this.read(name);
      const { width, height, type } = readPictureHeader(data);
      if (!this.anything) this.sink.info({ codec: type, width, height, fps: null });
      this.anything = true;
      this.shownInRound++;
      this.seen.set(name, changed);
      const picture = { width, height, format: "encoded" as const, data: toShared(data) };
      const taken = this.sink.picture({ ...picture, capturedAt: Date.now() });
      if (this.settings.pace === "consumer") await taken;
      return true;
    } catch (error) {
      if (mayBeWritten && Date.now() - changed < WRITING_MS) return false;
      this.seen.set(name, changed);
      this.sink.broken(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  private async read(name: string): Promise<Buffer> {
    const path = join(this.path, name);
    const { size } = await stat(path);
    if (size > MAX_PICTURE_BYTES) {
      throw new Error(`the picture file is too large (${Math.round(size / 1e6)} MB)`);
    }
    return readFile(path);
  }

  private async changed(name: string): Promise<number | null> {
    return stat(join(this.path, name)).then(
      (found) => found.mtimeMs,
      () => null,
    );
  }
}
