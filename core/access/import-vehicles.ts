import { normalisePlate } from "../plates/normalise";
import { blankVehicle } from "./blank";
import { CollisionFinder, findCollision } from "./identify";
import { confusablesOf } from "./index-lists";
import type { Cell } from "./import-values";
import {
  CellError,
  readDate,
  readGroups,
  readList,
  readSchedule,
  readStatus,
  readWay,
} from "./import-values";
import { hashPin, normaliseCredential } from "./second-factor";
import type { AccessSnapshot, Vehicle } from "./types";
import type { VehicleField } from "./vehicle-columns";

/** Why a line was refused; translated for people by `plategate vehicles import`. */
export const REFUSAL_CODES = [
  "no_plate",
  "twice_in_file",
  "collision",
  "bad_status",
  "bad_date",
  "bad_way",
  "bad_pin",
  "unknown_group",
  "unknown_schedule",
  "ends_before_it_begins",
  "exists",
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A line that was not taken over. */
export interface RefusedLine {
  /** As in the file, the headings being line 1. */
  line: number;
  plate: string;
  code: RefusalCode;
  detail: string;
}

/** A line of the file: cells by field; what is left out is not changed. */
export interface ImportLine {
  line: number;
  cells: Partial<Record<VehicleField, Cell>>;
}

export interface ImportOptions {
  /** What a plate that is in the list already means. */
  existing: "update" | "skip" | "refuse";
  timeZone: string;
  /** Milliseconds since the epoch. */
  now: number;
  newId: () => string;
}

/** What an import would do, or did. */
export interface ImportPlan {
  /** To be saved: new and changed vehicles. */
  save: Vehicle[];
  added: number;
  updated: number;
  /** Equal to what is in the list, or skipped. */
  unchanged: number;
  refused: RefusedLine[];
}

class Refused extends Error {
  constructor(
    readonly code: RefusalCode,
    readonly detail: string,
  ) {
    super(code);
  }
}

/** Works out what a file of vehicles changes; each line is taken or refused by itself. */
export function planImport(
  lines: readonly ImportLine[],
  lists: AccessSnapshot,
  options: ImportOptions,
): ImportPlan {
  const plan: ImportPlan = { save: [], added: 0, updated: 0, unchanged: 0, refused: [] };
  const known = new Map(lists.vehicles.map((vehicle) => [vehicle.plate, vehicle]));
  const finder = new CollisionFinder(confusablesOf(lists.settings));
  for (const vehicle of lists.vehicles) finder.add(vehicle);
  const seen = new Map<string, number>();
  for (const { line, cells } of lines) {
    const plate = normalisePlate(textOf(cells.plate));
    try {
      const twice = seen.get(plate);
      if (twice !== undefined) throw new Refused("twice_in_file", `line ${twice}`);
      take(plan, { plate, cells, old: known.get(plate) ?? null }, lists, options, finder);
      seen.set(plate, line);
    } catch (error) {
      const { code, detail } = refusalOf(error);
      plan.refused.push({ line, plate: plate || textOf(cells.plate), code, detail });
    }
  }
  return plan;
}

interface Entry {
  plate: string;
  cells: ImportLine["cells"];
  old: Vehicle | null;
}

function take(
  plan: ImportPlan,
  { plate, cells, old }: Entry,
  lists: AccessSnapshot,
  options: ImportOptions,
  finder: CollisionFinder,
): void {
  if (plate === "") throw new Refused("no_plate", textOf(cells.plate));
  if (old && options.existing === "refuse") throw new Refused("exists", plate);
  if (old && options.existing === "skip") {
    plan.unchanged += 1;
    return;
  }
  const base = old ?? { ...blankVehicle(options.newId(), plate), createdAt: options.now };
  const vehicle = withCells(base, cells, lists, options);
  if (!old) {
    const other = finder.add(vehicle) ?? findCollision(vehicle, lists);
    if (other) throw new Refused("collision", other.plate);
  } else if (sameVehicle(old, vehicle)) {
    plan.unchanged += 1;
    return;
  }
  plan.save.push({ ...vehicle, updatedAt: options.now });
  if (old) plan.updated += 1;
  else plan.added += 1;
}

function withCells(
  vehicle: Vehicle,
  cells: ImportLine["cells"],
  lists: AccessSnapshot,
  { timeZone }: ImportOptions,
): Vehicle {
  const changed = { ...vehicle };
  const text = (field: VehicleField, use: (value: string) => void): void => {
    if (cells[field] !== undefined) use(textOf(cells[field]));
  };
  text("region", (value) => (changed.region = value || null));
  text("owner", (value) => (changed.owner = value || null));
  text("contact", (value) => (changed.contact = value || null));
  text("note", (value) => (changed.note = value || null));
  text("tags", (value) => (changed.tags = readList(value)));
  // No status is none said: an empty cell brings nobody back who was barred.
  text("status", (value) => (changed.status = value === "" ? changed.status : readStatus(value)));
  text("groups", (value) => (changed.groups = readGroups(value, lists.groups)));
  text("schedule", (value) => (changed.scheduleId = readSchedule(value, lists.schedules)));
  text("lanes", (value) => (changed.lanes = readList(value)));
  text("way", (value) => (changed.way = readWay(value)));
  text("credentials", (value) => {
    changed.credentials = readList(value).map(normaliseCredential);
  });
  // An empty cell keeps the PIN: exports never show it.
  text("pin", (value) => (changed.pin = value === "" ? changed.pin : newPin(value)));
  if (cells.valid_from !== undefined) {
    changed.validFrom = readDate(cells.valid_from, "start", timeZone);
  }
  if (cells.valid_until !== undefined) {
    changed.validUntil = readDate(cells.valid_until, "end", timeZone);
  }
  const { validFrom, validUntil } = changed;
  if (validFrom !== null && validUntil !== null && validFrom > validUntil) {
    throw new Refused("ends_before_it_begins", textOf(cells.valid_until));
  }
  return changed;
}

function newPin(value: string): string {
  if (!/^\d{4,12}$/.test(value)) throw new Refused("bad_pin", "a PIN has 4 to 12 digits");
  return hashPin(value);
}

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  return cell instanceof Date ? cell.toISOString().slice(0, 10) : cell.trim();
}

function sameVehicle(a: Vehicle, b: Vehicle): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function refusalOf(error: unknown): { code: RefusalCode; detail: string } {
  if (error instanceof Refused || error instanceof CellError) return error;
  throw error;
}
