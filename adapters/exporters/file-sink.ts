import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { stringify } from "csv-stringify/sync";
import { wallClock } from "../../core/access/wall-clock";
import type { ExporterFields } from "../../core/config/types";
import type { Outcome } from "../../core/outbox/types";
import type { ExportItem, ExportSink } from "./sink";

const DAY_MS = 86_400_000;
const LINE_END = 0x0a;

/** Columns of a CSV file: what is one value each. */
const COLUMNS = [
  "event_id",
  "timestamp",
  "site_id",
  "lane_id",
  "camera_id",
  "zone_id",
  "plate_text",
  "confidence",
  "region",
  "direction",
  "decision",
  "reason",
  "vehicle_plate",
] as const;

export interface FileSinkOptions {
  /** All exports are below this folder. */
  folder: string;
  timeZone: string;
  clock: () => number;
}

/**
 * Appends events to a file a day: `name-2026-03-02.jsonl` or `.csv`. Each write is on
 * the disk before the event counts as delivered; a crash in between writes it twice,
 * with the same id. `config.keep_days` deletes older files.
 */
export class FileSink implements ExportSink {
  readonly concurrency = 1;
  readonly batch = 200;
  private readonly path: string;
  private readonly csv: boolean;
  private readonly keepDays: number;
  private day = "";

  constructor(
    { url, config }: ExporterFields,
    private readonly options: FileSinkOptions,
  ) {
    this.path = below(options.folder, url);
    this.csv = config["format"] === "csv" || (!config["format"] && /\.csv$/i.test(url));
    this.keepDays = Number(config["keep_days"]) || 0;
  }

  async write(items: readonly ExportItem[]): Promise<Outcome[]> {
    try {
      const day = wallClock(this.options.clock(), this.options.timeZone).date;
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      if (day !== this.day) await this.forget();
      this.day = day;
      await this.append(`${this.stem()}-${day}${this.ending()}`, items);
      return items.map(() => ({ result: "delivered" }));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return items.map(() => ({ result: "unavailable", error: text }));
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Writes a file beside where events go, and deletes it. Rejects where that cannot be. */
  async probe(): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const file = `${this.stem()}.${randomUUID()}.test`;
    try {
      await writeFile(file, "test\n", { flag: "wx", mode: 0o600, flush: true });
    } finally {
      await rm(file, { force: true });
    }
  }

  private async append(file: string, items: readonly ExportItem[]): Promise<void> {
    const handle = await open(file, "a+", 0o600);
    try {
      const empty = (await dropUnfinished(handle)) === 0;
      await handle.appendFile(this.csv ? csvOf(items, empty) : linesOf(items));
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** Deletes files of this export that are older than `keep_days`. */
  private async forget(): Promise<void> {
    if (this.keepDays <= 0) return;
    const begin = `${basename(this.stem())}-`;
    const before = this.options.clock() - this.keepDays * DAY_MS;
    for (const name of await readdir(dirname(this.path))) {
      const rest = name.slice(begin.length);
      const ours = name.startsWith(begin) && /^\d{4}-\d\d-\d\d\.(jsonl|csv)$/.test(rest);
      const file = join(dirname(this.path), name);
      if (ours && (await stat(file)).mtimeMs < before) await rm(file);
    }
  }

  private stem(): string {
    return this.path.replace(/\.(jsonl|json|csv)$/i, "");
  }

  private ending(): string {
    return this.csv ? ".csv" : ".jsonl";
  }
}

/** What is looked at of a file's end: an event is far shorter. */
const TAIL_BYTES = 1 << 20;

/**
 * Takes away a last line that was not written to its end (a full disk, a crash): what was
 * in it has not counted as delivered and comes again, and no line is two half ones.
 * @returns the file's length
 */
async function dropUnfinished(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  if (size === 0 || (await bytesOf(handle, size - 1, size)).at(-1) === LINE_END) return size;
  const from = Math.max(0, size - TAIL_BYTES);
  const tail = await bytesOf(handle, from, size);
  const end = from + tail.lastIndexOf(LINE_END) + 1;
  if (end === from && from > 0) return size; // not lines of ours
  await handle.truncate(end);
  return end;
}

async function bytesOf(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(to - from), 0, to - from, from);
  return buffer.subarray(0, bytesRead);
}

function linesOf(items: readonly ExportItem[]): string {
  return items.map(({ data }) => `${JSON.stringify(data)}\n`).join("");
}

/** A plate that begins with "=" must not become a formula in somebody's spreadsheet. */
function csvOf(items: readonly ExportItem[], header: boolean): string {
  return stringify(
    items.map(({ data }) => COLUMNS.map((column) => data[column] ?? "")),
    { header, columns: [...COLUMNS], escape_formulas: true },
  );
}

/** @throws where the path leaves the folder */
function below(folder: string, path: string): string {
  const root = resolve(folder);
  const full = resolve(root, path);
  if (!full.startsWith(root + sep)) throw new Error("the file must be below the folder of exports");
  return full;
}
