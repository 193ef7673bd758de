import { randomUUID } from "node:crypto";
import { type Command, InvalidArgumentError, Option } from "commander";
import { readTable, toCsv, writeTable } from "../adapters/lists/table-files";
import { EXPORT_FIELDS, exportRows } from "../core/access/export-vehicles";
import { findCollision, previewAccepted } from "../core/access/identify";
import type { ImportLine, ImportOptions, ImportPlan } from "../core/access/import-vehicles";
import { planImport } from "../core/access/import-vehicles";
import { mapColumns, VEHICLE_FIELDS, type VehicleField } from "../core/access/vehicle-columns";
import { isTimeZone } from "../core/access/wall-clock";
import { ownTimeZone, withAccess } from "./access-database";
import { textTable } from "./table";

interface ImportFlags {
  dryRun?: boolean;
  allOrNothing?: boolean;
  existing: ImportOptions["existing"];
  column: Record<string, VehicleField>;
  timeZone: string;
  report?: string;
  json?: boolean;
}

/** Adds `plategate vehicles import|export|preview`. */
export function register(program: Command): void {
  const vehicles = program.command("vehicles").description("lists of vehicles in CSV or XLSX");
  vehicles
    .command("import")
    .description("take vehicles over from a file; every line refused is reported with its reason")
    .argument("<file>", "CSV (UTF-8, UTF-16 or Windows) or XLSX, with headings in the first line")
    .option("--dry-run", "report only, change nothing")
    .option("--all-or-nothing", "change nothing where a line is refused")
    .addOption(existingOption())
    .option("--column <heading=field>", "what a heading means, repeatable", column, {})
    .option("--time-zone <zone>", "zone of the dates in the file", timeZone, ownTimeZone())
    .option("--report <file>", "write the refused lines as CSV or XLSX")
    .option("--json", "print the result as one JSON line")
    .addHelpText("after", `\nFields: ${VEHICLE_FIELDS.join(", ")}.${ENVIRONMENT}`)
    .action(importVehicles);
  vehicles
    .command("export")
    .description("write all vehicles into a file")
    .argument("<file>", "name ending in .csv or .xlsx, or - for CSV on the standard output")
    .option("--time-zone <zone>", "zone of the dates in the file", timeZone, ownTimeZone())
    .addHelpText("after", ENVIRONMENT)
    .action(exportVehicles);
  vehicles
    .command("preview")
    .description("the reads that an entry for a plate would accept, and what it collides with")
    .argument("<plate>")
    .option("--json", "print the result as one JSON line")
    .addHelpText("after", ENVIRONMENT)
    .action(preview);
}

const ENVIRONMENT = "\nReads PLATEGATE_HOME and DATABASE_URL.";

function existingOption(): Option {
  return new Option("--existing <what>", "what to do with plates that are in the list already")
    .choices(["update", "skip", "refuse"])
    .default("update");
}

function column(text: string, before: Record<string, VehicleField>): Record<string, VehicleField> {
  const at = text.lastIndexOf("=");
  const field = VEHICLE_FIELDS.find((known) => known === text.slice(at + 1).trim());
  if (at < 1 || !field) throw new InvalidArgumentError(`as in "Kennzeichen=plate"`);
  return { ...before, [text.slice(0, at)]: field };
}

function timeZone(text: string): string {
  if (!isTimeZone(text)) throw new InvalidArgumentError("as in Europe/Vienna");
  return text;
}

async function importVehicles(file: string, flags: ImportFlags): Promise<void> {
  const table = await readTable(file);
  const { fields, ignored } = mapColumns(table.headings, flags.column);
  const lines: ImportLine[] = table.rows.map(({ line, cells }) => ({
    line,
    cells: Object.fromEntries(
      fields.flatMap((field, i) => (field ? [[field, cells[i] ?? ""]] : [])),
    ),
  }));
  const options: ImportOptions = {
    existing: flags.existing,
    timeZone: flags.timeZone,
    now: Date.now(),
    newId: randomUUID,
  };
  const plan = await withAccess(process.env, async ({ access, note }) => {
    const made = planImport(lines, await access.snapshot(), options);
    if (saves(flags, made) && made.save.length > 0) {
      await access.vehicles.saveAll(made.save);
      await note("vehicle.import", { file, ...countsOf(made) });
    }
    return made;
  });
  if (flags.report) {
    const rows = plan.refused.map((one) => [String(one.line), one.plate, one.code, one.detail]);
    await writeTable(flags.report, ["line", "plate", "reason", "detail"], rows);
  }
  const saved = saves(flags, plan);
  if (flags.json) print(JSON.stringify({ saved, ...countsOf(plan), ignored, lines: plan.refused }));
  else print(reportOf(plan, ignored, saved));
  if (plan.refused.length > 0) process.exitCode = 1;
}

function saves(flags: ImportFlags, plan: ImportPlan): boolean {
  return !flags.dryRun && !(flags.allOrNothing && plan.refused.length > 0);
}

function countsOf({ added, updated, unchanged, refused }: ImportPlan) {
  return { added, updated, unchanged, refused: refused.length };
}

/** What each refusal code means, for people. */
const REFUSALS: Readonly<Record<ImportPlan["refused"][number]["code"], string>> = {
  no_plate: "no plate in this line",
  twice_in_file: "the plate is in the file already",
  collision: "a misread could mean another vehicle too",
  bad_status: "unknown status",
  bad_date: "not a date",
  bad_way: "neither entry nor exit",
  bad_pin: "not a PIN",
  unknown_group: "no such group",
  unknown_schedule: "no such schedule",
  ends_before_it_begins: "ends before it begins",
  exists: "is in the list already",
};

function reportOf(plan: ImportPlan, ignored: readonly string[], saved: boolean): string {
  const { added, updated, unchanged, refused } = countsOf(plan);
  const parts = [
    `${saved ? "" : "Nothing was changed. It would be: "}${added} added, ${updated} updated, ` +
      `${unchanged} unchanged, ${refused} refused`,
  ];
  if (ignored.length > 0) parts.push(`Columns left out: ${ignored.join(", ")}`);
  if (refused > 0) {
    const rows = plan.refused.map(({ line, plate, code, detail }) => [
      String(line),
      plate,
      `${REFUSALS[code]}: ${detail}`,
    ]);
    parts.push(textTable(["line", "plate", "why it was refused"], rows));
  }
  return parts.join("\n");
}

async function exportVehicles(file: string, flags: { timeZone: string }): Promise<void> {
  await withAccess(process.env, async ({ access, note }) => {
    const lists = await access.snapshot();
    const rows = exportRows(lists, flags.timeZone);
    if (file === "-") process.stdout.write(toCsv(EXPORT_FIELDS, rows));
    else {
      await writeTable(file, EXPORT_FIELDS, rows);
      print(`${rows.length} vehicles written to ${file}`);
    }
    await note("vehicle.export", { file, vehicles: rows.length });
  });
}

async function preview(plate: string, flags: { json?: boolean }): Promise<void> {
  await withAccess(process.env, async ({ access }) => {
    const lists = await access.snapshot();
    const shown = previewAccepted(plate, lists.settings);
    if (shown.plate === "") throw new Error(`no letter or digit in "${plate}"`);
    const own = lists.vehicles.find((vehicle) => vehicle.plate === shown.plate);
    const collision = findCollision({ id: own?.id ?? null, plate }, lists);
    if (flags.json) {
      print(
        JSON.stringify({ ...shown, listed: own !== undefined, collides: collision?.plate ?? null }),
      );
      return;
    }
    print(`${shown.plate}${own ? " (is in the list)" : ""} accepts ${shown.total} reads:`);
    print(shown.accepted.join("  "));
    if (collision) print(`It collides with ${collision.plate}: an entry would be refused.`);
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
