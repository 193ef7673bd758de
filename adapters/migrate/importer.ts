import { readFile, realpath } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { randomUUID } from "node:crypto";
import { keptPicture } from "../vision/kept-picture";
import type { Repositories } from "../store/repositories";
import { StoreError } from "../../core/events/errors";
import type { NewEvent } from "../../core/events/event";
import type { ImageStore } from "../../core/events/ports";
import { blankWatchEntry } from "../../core/access/blank";
import { planImport, type ImportLine } from "../../core/access/import-vehicles";
import { WATCH_PRIORITIES, type WatchEntry } from "../../core/access/types";
import { watchProblems } from "../../core/access/validate";
import type { CameraFields, LocationFields } from "../../core/config/types";
import { eventOfRow, reviewOfRow } from "../../core/migrate/event-rows";
import {
  flagOf,
  idOf,
  RowRefused,
  type Row,
  type Target,
  targetOf,
  textOf,
  timeOf,
} from "../../core/migrate/fields";
import { vehicleCells } from "../../core/migrate/vehicle-cells";
import type { Review } from "../../core/review/ports";
import { Corrections } from "./corrections";
import type { PlacedRow } from "./tables";

/** What became of the rows of a table. */
export interface TableReport {
  table: string;
  /** Null: nothing is taken from such a table. */
  target: Target | null;
  rows: number;
  added: number;
  /** There already, and left as it is. */
  known: number;
  /** All of them; reasons are kept of the first thousand. */
  refused_rows: number;
  refused: { line: number; reason: string }[];
  /** Columns of vehicles that nothing was taken from. */
  ignored: string[];
}

export interface ImportParts {
  repositories: Repositories;
  images: ImageStore;
  /** The system it comes from: names what has no id of its own. */
  source: string;
  /** The folder that paths of pictures are below; null: without pictures. */
  pictures: string | null;
  /** Only says what it would do. */
  dryRun: boolean;
  timeZone: string;
  /** Checks a camera's or location's fields. @throws RowRefused */
  camera: (row: Row) => CameraFields;
  location: (row: Row) => LocationFields;
  clock: () => number;
}

/** At most so many reasons are kept of a table. */
const MOST_REASONS = 1000;
const MAX_PICTURE = 20 * 1024 * 1024;

/** Takes rows of another system over. Doing it again changes nothing that is there. */
export class SystemImport {
  readonly reports = new Map<string, TableReport>();
  /** Vehicles are looked at together: entries may collide with each other. */
  private readonly vehicles: PlacedRow[] = [];
  private readonly corrections: { placed: PlacedRow; kept: ReturnType<Corrections["keep"]> }[] = [];
  private readonly reviewer: Corrections;

  constructor(private readonly parts: ImportParts) {
    this.reviewer = new Corrections(parts.repositories, parts.source);
  }

  async take(placed: PlacedRow): Promise<void> {
    const report = this.reportOf(placed.table);
    report.rows++;
    const { target } = report;
    if (target === null) return;
    if (placed.fault !== undefined) return refuse(report, placed.line, placed.fault);
    if (target === "vehicles") {
      this.vehicles.push(placed);
      return;
    }
    if (target === "corrections") {
      await this.counted(placed, () => {
        this.corrections.push({ placed, kept: this.reviewer.keep(placed.row) });
        return null;
      });
      return;
    }
    await this.counted(placed, () => this.takeOne(target, placed.row));
  }

  /** Notes what became of a row. @param take null: that is not known yet */
  private async counted(
    { table, line }: PlacedRow,
    take: () => Promise<boolean> | null,
  ): Promise<void> {
    const report = this.reportOf(table);
    try {
      const added = await take();
      if (added === true) report.added++;
      if (added === false) report.known++;
    } catch (error) {
      refuse(report, line, reasonOf(error));
    }
  }

  /** Does what could only be done when all rows were seen. */
  async finish(): Promise<void> {
    const tables = new Set(this.vehicles.map(({ table }) => table));
    for (const table of tables) {
      const rows = this.vehicles.filter((one) => one.table === table);
      await this.takeVehicles(this.reportOf(table), rows);
    }
    for (const { placed, kept } of this.corrections) {
      // their events are not there in a dry run
      const take = () => (this.parts.dryRun ? Promise.resolve(true) : this.reviewer.take(kept));
      await this.counted(placed, take);
    }
  }

  private reportOf(table: string): TableReport {
    const known = this.reports.get(table);
    if (known) return known;
    const target = targetOf(table);
    const counts = { rows: 0, added: 0, known: 0, refused_rows: 0 };
    const made: TableReport = { table, target, ...counts, refused: [], ignored: [] };
    this.reports.set(table, made);
    return made;
  }

  /** @returns false where it is there already */
  private takeOne(target: Exclude<Target, "vehicles" | "corrections">, row: Row): Promise<boolean> {
    const take = {
      events: () => this.takeEvent(row),
      cameras: () => this.takeResource("cameras", row, this.parts.camera),
      locations: () => this.takeResource("locations", row, this.parts.location),
      watch: () => this.takeWatch(row),
    };
    return take[target]();
  }

  private async takeEvent(row: Row): Promise<boolean> {
    const { repositories, images, source, dryRun, clock } = this.parts;
    const event = eventOfRow(row, source);
    if (dryRun) return (await repositories.events.get(event.id)) === null;
    if (await repositories.events.get(event.id)) return false;
    const frame = await this.picture(textOf(row, "frame_path", "image_path", "image", "frame_url"));
    const crop = await this.picture(textOf(row, "crop_path", "plate_image", "crop_url"));
    const paths = await images.put(event.id, event.timestamp, { frame, crop });
    const review = reviewOfRow(row, source, event.timestamp);
    // the correction is written as one: it keeps what was read
    const first = { ...event, ...paths, plateText: event.rawText ?? event.plateText };
    const made = await repositories.events.create({ ...first, rawText: null }, clock());
    if (made && review) await this.takeReview(event, review);
    return made !== null;
  }

  /** What somebody looked at there need not be looked at again. */
  private async takeReview(
    event: NewEvent,
    review: Omit<Review, "eventId" | "verdict">,
  ): Promise<void> {
    const { reviews } = this.parts.repositories;
    const said = { ...review, eventId: event.id };
    if (event.rawText === null) await reviews.confirm(said);
    else await reviews.correct(event.plateText, said);
  }

  /** A picture below the given folder; null where there is none that can be read. */
  private async picture(path: string | null): Promise<Buffer | null> {
    if (path === null || this.parts.pictures === null) return null;
    try {
      const root = await realpath(resolve(this.parts.pictures));
      const full = await realpath(join(root, path.replace(/^[a-z]+:\/\/[^/]+/i, "")));
      if (!full.startsWith(root + sep)) return null;
      const data = await readFile(full);
      return data.length > MAX_PICTURE ? null : await keptPicture(data);
    } catch {
      return null; // the event counts without it
    }
  }

  private async takeResource<K extends "cameras" | "locations">(
    kind: K,
    row: Row,
    fieldsOf: (row: Row) => K extends "cameras" ? CameraFields : LocationFields,
  ): Promise<boolean> {
    const { repositories, dryRun, source, clock } = this.parts;
    const fields = fieldsOf(row);
    const given = textOf(row, "camera_id", "location_id", "id");
    const id = given === null || /^\d+$/.test(given) ? idOf(row, source, [fields.name]) : given;
    const resources = repositories.resources[kind];
    if (await resources.get(id)) return false;
    if (!dryRun) await resources.create(id, fields as never, clock());
    return true;
  }

  private async takeWatch(row: Row): Promise<boolean> {
    const { repositories, dryRun, source, clock } = this.parts;
    const pattern = textOf(row, "plate_pattern", "pattern", "plate", "plate_number");
    if (pattern === null) throw new RowRefused("no pattern");
    const now = clock();
    const priority = textOf(row, "priority")?.toLowerCase();
    const entry: WatchEntry = {
      ...blankWatchEntry(idOf(row, source, [pattern]), pattern),
      description: textOf(row, "description", "reason", "notes"),
      priority: WATCH_PRIORITIES.find((one) => one === priority) ?? "normal",
      webhookUrl: textOf(row, "webhook_url"),
      emails: listOf(row, "emails", "notification_emails"),
      expiresAt: timeOf(row, "expires_at"),
      active: flagOf(row, "active", flagOf(row, "is_active", true)),
      createdBy: `import:${source}`,
      createdAt: timeOf(row, "created_at") ?? now,
    };
    const [problem] = watchProblems(entry, 0);
    if (problem) throw new RowRefused(`${problem.field}: ${problem.code}`);
    const known = (await repositories.access.watch.list()).some(({ id }) => id === entry.id);
    if (!known && !dryRun) await repositories.access.watch.save(entry);
    return !known;
  }

  private async takeVehicles(report: TableReport, rows: readonly PlacedRow[]): Promise<void> {
    const { repositories, dryRun, timeZone, clock } = this.parts;
    const ignored = new Set<string>();
    const lines: ImportLine[] = [];
    for (const { line, row } of rows) {
      const read = vehicleCells(row);
      for (const heading of read.ignored) ignored.add(heading);
      if (read.cells) lines.push({ line, cells: read.cells });
      else refuse(report, line, "none of the columns is the plate");
    }
    report.ignored = [...ignored];
    const options = { existing: "skip", timeZone, now: clock(), newId: randomUUID } as const;
    const plan = planImport(lines, await repositories.access.snapshot(), options);
    if (!dryRun) await repositories.access.vehicles.saveAll(plan.save);
    report.added += plan.added;
    report.known += plan.unchanged;
    for (const { line, plate, code, detail } of plan.refused) {
      refuse(report, line, `${plate} ${code}: ${detail}`.trim());
    }
  }
}

/** Lists come as JSON, as PostgreSQL's {a,b}, or with commas. */
function listOf(row: Row, ...names: string[]): string[] {
  for (const name of names) {
    const value = row[name];
    if (Array.isArray(value)) return value.map(String);
    if (typeof value !== "string" || value === "") continue;
    return value
      .replace(/^[[{]|[\]}]$/g, "")
      .split(",")
      .map((one) => one.trim().replace(/^"|"$/g, ""))
      .filter((one) => one !== "");
  }
  return [];
}

function refuse(report: TableReport, line: number, reason: string): void {
  report.refused_rows++;
  if (report.refused.length < MOST_REASONS) report.refused.push({ line, reason });
}

/** @throws what is no fault of the row */
function reasonOf(error: unknown): string {
  if (error instanceof RowRefused) return error.message;
  if (error instanceof StoreError && (error.code === "invalid" || error.code === "conflict")) {
    return error.message;
  }
  throw error;
}
