import { type Command, Option } from "commander";
import { basename } from "node:path";
import type { z } from "zod";
import { SystemImport, type TableReport } from "../adapters/migrate/importer";
import { readTables } from "../adapters/migrate/tables";
import type { Repositories } from "../adapters/store/repositories";
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
/** So many refused rows are printed; --json has more. */
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
  const { reports, failure } = await withRepositories(process.env, (repositories, { home }) =>
    takeFiles(repositories, home, files, flags),
  );
  const stopped = failure ? messageOf(failure.error) : null;
  if (flags.json) {
    print(JSON.stringify({ saved: !flags.dryRun, stopped, tables: reports }));
  } else if (!failure || reports.length > 0) print(shown(reports, flags.dryRun ?? false));
  if (failure) throw failure.error;
  const taken = reports.some(({ target }) => target !== null);
  if (!taken || reports.some((report) => report.refused_rows > 0)) process.exitCode = 1;
}

interface Taken {
  reports: TableReport[];
  /** What stopped it halfway: the reports say what was taken until then. */
  failure: { error: unknown } | null;
}

/** Takes the files over and notes it in the audit log, also where that was stopped halfway. */
async function takeFiles(
  repositories: Repositories,
  home: string,
  files: readonly string[],
  flags: ImportFlags,
): Promise<Taken> {
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
  let failure: Taken["failure"] = null;
  try {
    for (const file of files) {
      for await (const row of readTables(file, flags.table)) await taking.take(row);
    }
    await taking.finish();
  } catch (error) {
    failure = { error };
  } finally {
    await images.close();
  }
  const reports = [...taking.reports.values()];
  if (!flags.dryRun) await note(repositories, files, flags, { reports, failure });
  return { reports, failure };
}

async function note(
  { audit }: Repositories,
  files: readonly string[],
  flags: ImportFlags,
  { reports, failure }: Taken,
): Promise<void> {
  const names = files.map((file) => basename(file));
  const noted = audit.append({
    id: randomUUID(),
    at: Date.now(),
    ...askerOf({}),
    action: "system.import",
    subject: null,
    result: failure ? "failed" : "ok",
    address: null,
    requestId: null,
    detail: { from: flags.from, files: names, ...totals(reports) },
  });
  // Where the database is gone, what stopped the import is the message that helps.
  await noted.catch((error: unknown) => {
    if (!failure) throw error;
  });
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

function totals(reports: readonly TableReport[]): Record<string, number> {
  const sum = (of: (report: TableReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    added: sum(({ added }) => added),
    known: sum(({ known }) => known),
    refused: sum((report) => report.refused_rows),
  };
}

function shown(reports: readonly TableReport[], dryRun: boolean): string {
  const rows = reports.map((report) => [
    report.table,
    report.target ?? "not taken over",
    ...[report.rows, report.added, report.known, report.refused_rows].map(String),
  ]);
  const refused = reports.flatMap(({ table, refused: list }) =>
    list.map(({ line, reason }) => [table, String(line), reason]),
  );
  const more = (totals(reports).refused ?? 0) - Math.min(refused.length, SHOWN);
  const headings = ["table", "as", "rows", "added", "known", "refused"];
  return [
    ...(dryRun ? ["Nothing was changed. It would be:"] : []),
    rows.length > 0 ? textTable(headings, rows) : "There are no rows in it.",
    ...reports
      .filter(({ ignored }) => ignored.length > 0)
      .map(({ table, ignored }) => `Columns of ${table} left out: ${ignored.join(", ")}`),
    ...(refused.length > 0
      ? [textTable(["table", "row", "why it was refused"], refused.slice(0, SHOWN))]
      : []),
    ...(more > 0 ? [`… and ${more} more (--json has the first 1000 of a table)`] : []),
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
