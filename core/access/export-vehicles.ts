import type { AccessSnapshot } from "./types";
import type { VehicleField } from "./vehicle-columns";
import { wallClock } from "./wall-clock";

/** Columns of an export: all that can be imported again, but the PIN. */
export const EXPORT_FIELDS = [
  "plate",
  "region",
  "owner",
  "contact",
  "status",
  "groups",
  "valid_from",
  "valid_until",
  "schedule",
  "lanes",
  "way",
  "credentials",
  "tags",
  "note",
] as const satisfies readonly VehicleField[];

/** The vehicles as rows of text, groups and schedules by name, dates as the wall clock shows them. */
export function exportRows(
  lists: Pick<AccessSnapshot, "vehicles" | "groups" | "schedules">,
  timeZone: string,
): string[][] {
  const groups = namesOf(lists.groups);
  const schedules = namesOf(lists.schedules);
  return lists.vehicles.map((vehicle) => {
    const row: Record<(typeof EXPORT_FIELDS)[number], string> = {
      plate: vehicle.plate,
      region: vehicle.region ?? "",
      owner: vehicle.owner ?? "",
      contact: vehicle.contact ?? "",
      status: vehicle.status,
      groups: vehicle.groups.map((id) => groups.get(id) ?? id).join("; "),
      valid_from: dateOf(vehicle.validFrom, "start", timeZone),
      valid_until: dateOf(vehicle.validUntil, "end", timeZone),
      schedule: schedules.get(vehicle.scheduleId ?? "") ?? vehicle.scheduleId ?? "",
      lanes: vehicle.lanes.join("; "),
      way: vehicle.way ?? "",
      credentials: vehicle.credentials.join("; "),
      tags: vehicle.tags.join("; "),
      note: vehicle.note ?? "",
    };
    return EXPORT_FIELDS.map((field) => row[field]);
  });
}

/** What each is called in a file: by its name where that says which it is, else by its id. */
function namesOf(entries: readonly { id: string; name: string }[]): Map<string, string> {
  const ids = new Set(entries.map(({ id }) => id));
  const count = new Map<string, number>();
  const folded = (name: string): string => name.trim().toLowerCase();
  for (const { name } of entries) count.set(folded(name), (count.get(folded(name)) ?? 0) + 1);
  const tells = (name: string): boolean =>
    count.get(folded(name)) === 1 && !ids.has(name) && !/[;,|\n]/.test(name) && name.trim() !== "";
  return new Map(entries.map(({ id, name }) => [id, tells(name) ? name : id]));
}

/** A date alone where it is the first or last moment of a day, else an instant. */
function dateOf(at: number | null, edge: "start" | "end", timeZone: string): string {
  if (at === null) return "";
  const shown = wallClock(edge === "start" ? at : at + 1, timeZone);
  const whole = shown.minutes === 0 && (edge === "start" ? at : at + 1) % 60_000 === 0;
  if (!whole) return new Date(at).toISOString();
  return edge === "start" ? shown.date : wallClock(at, timeZone).date;
}
