import { type Command, Option } from "commander";
import { basename } from "node:path";
import type { z } from "zod";
import { SystemImport, type TableReport } from "../adapters/migrate/importer";
import { readTables } from "../adapters/migrate/tables";
import { imageStore } from "../adapters/images/create";
import { cityCameraBody } from "../api/city/cameras";
import { locationBody } from "../api/galaxy/locations";
import type { CameraFields, LocationFields } from "../core/config/types";
import { numberOf, RowRefused, type Row, textOf } from "../core/migrate/fields";
import { ownTimeZone } from "./access-database";
import { askerOf, withRepositories } from "./records";
import { textTable } from "./table";
import { randomUUID } from "node:crypto";

interface ImportFlags {
  from: string;
  table?: string;
  pictures?: string;
  dryRun?: boolean;
  json?: boolean;
}

const SYSTEMS = ["guide", "engine", "city", "lpr-server", "galaxy", "other"];
/** So many refused rows are printed; --json has them all. */
const SHOWN = 50;

/** Adds `plategate import`. */
export function register(program: Command): void {
  program
    .command("import")
    .description("take over what another system exported; every refused row is reported")
    .argument("<file...>", "CSV (named for its table), JSON, JSON lines, or a plain SQL dump")
    .addOption(
      new Option("--from <system>", "where it comes from (docs/migrating)")
        .choices(SYSTEMS)
        .makeOptionMandatory(),
    )
    .option("--table <name>", "the table of a file that is named otherwise")
    .option("--pictures <folder>", "what the paths of pictures in the file are below")
    .option("--dry-run", "report only, change nothing")
    .option("--json", "print the result as one JSON line")
    .addHelpText(
      "after",
      "\nTaken over: events, vehicles, cameras, watch lists, locations. Doing it again changes\n" +
        "nothing that is there. Nobody is told of imported events and no gate moves.\n" +
        "Reads PLATEGATE_HOME and DATABASE_URL.",
    )
    .action(run);
}

async function run(files: string[], flags: ImportFlags): Promise<void> {
  const reports = await withRepositories(process.env, async (repositories, { home }) => {
    const images = imageStore(home, process.env);
    const taking = new SystemImport({
      repositories,
      images,
      source: flags.from,
      pictures: flags.pictures ?? null,
      dryRun: flags.dryRun ?? false,
      timeZone: ownTimeZone(),
      camera: cameraOf,
      location: locationOf,
      clock: Date.now,
    });
    for (const file of files) {
      for await (const row of readTables(file, flags.table)) await taking.take(row);
    }
    await taking.finish();
    await images.close();
    const made = [...taking.reports.values()];
    if (!flags.dryRun) {
      await repositories.audit.append({
        id: randomUUID(),
        at: Date.now(),
        ...askerOf({}),
        action: "system.import",
        subject: null,
        result: "ok",
        address: null,
        requestId: null,
        detail: { from: flags.from, files: files.map((file) => basename(file)), ...totals(made) },
      });
    }
    return made;
  });
  const taken = reports.some(({ target }) => target !== null);
  if (flags.json) print(JSON.stringify({ saved: !flags.dryRun, tables: reports }));
  else print(shown(reports, flags.dryRun ?? false));
  if (!taken || reports.some(({ refused }) => refused.length > 0)) process.exitCode = 1;
}

function totals(reports: readonly TableReport[]): Record<string, number> {
  const sum = (of: (report: TableReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    added: sum(({ added }) => added),
    known: sum(({ known }) => known),
    refused: sum(({ refused }) => refused.length),
  };
}

function shown(reports: readonly TableReport[], dryRun: boolean): string {
  const rows = reports.map(({ table, target, rows: count, added, known, refused }) => [
    table,
    target ?? "not taken over",
    ...[count, added, known, refused.length].map(String),
  ]);
  const refused = reports.flatMap(({ table, refused: list }) =>
    list.map(({ line, reason }) => [table, String(line), reason]),
  );
  const headings = ["table", "as", "rows", "added", "known", "refused"];
  return [
    ...(dryRun ? ["Nothing was changed. It would be:"] : []),
    rows.length > 0 ? textTable(headings, rows) : "There are no rows in it.",
    ...(refused.length > 0
      ? [textTable(["table", "row", "why it was refused"], refused.slice(0, SHOWN))]
      : []),
    ...(refused.length > SHOWN
      ? [`… and ${refused.length - SHOWN} more (--json has them all)`]
      : []),
  ].join("\n");
}

function cameraOf(row: Row): CameraFields {
  return checked(cityCameraBody, {
    name: textOf(row, "name", "camera_name", "id", "camera_id"),
    rtsp_url: textOf(row, "rtsp_url", "url", "stream_url"),
    location: textOf(row, "location", "address"),
    ...places(row),
    bearing: numberOf(row, "bearing", "heading"),
  });
}

function locationOf(row: Row): LocationFields {
  const given = checked(locationBody, {
    name: textOf(row, "name", "title"),
    description: textOf(row, "description"),
    address: textOf(row, "address"),
    ...places(row),
  });
  return {
    name: given.name,
    description: given.description ?? null,
    address: given.address ?? null,
    latitude: given.latitude ?? null,
    longitude: given.longitude ?? null,
    camera_ids: [],
  };
}

function places(row: Row) {
  return {
    latitude: numberOf(row, "latitude", "lat"),
    longitude: numberOf(row, "longitude", "lng", "lon"),
  };
}

function checked<T extends z.ZodType>(schema: T, fields: Record<string, unknown>): z.output<T> {
  const result = schema.safeParse(fields);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new RowRefused(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "cannot be"}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
