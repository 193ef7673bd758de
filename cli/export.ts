import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import type { PlateExport } from "../adapters/store/person";
import type { ImageStore } from "../core/events/ports";
import { askerOf, withRecords, type AskerFlags } from "./records";

interface ExportFlags extends AskerFlags {
  json?: boolean;
  out?: string;
}

/** Adds `plategate export`. */
export function register(program: Command): void {
  program
    .command("export")
    .description("write out everything that is kept of a plate")
    .argument("<plate>", "the plate, with or without spaces and dashes")
    .option("-o, --out <folder>", "write record.json and the pictures there")
    .option("--json", "print the record as one JSON line")
    .option("--actor <name>", "who asks, for the audit log (default: the user of this machine)")
    .option("--organisation <name>", "for whom, for the audit log")
    .option("--purpose <text>", "why, for the audit log")
    .addHelpText(
      "after",
      "\nReads PLATEGATE_HOME and DATABASE_URL. Every export is noted in the audit log.",
    )
    .action(async (plate: string, flags: ExportFlags) => {
      await withRecords(process.env, async (people, images) => {
        const record = await people.export(plate, askerOf(flags), Date.now());
        const pictures = flags.out ? await writeRecord(flags.out, record, images) : 0;
        if (flags.json) process.stdout.write(`${JSON.stringify(record)}\n`);
        else process.stdout.write(summary(record, pictures, flags.out));
      });
    });
}

/** Writes the record and its pictures. @returns how many pictures */
async function writeRecord(
  folder: string,
  record: PlateExport,
  images: ImageStore,
): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, "record.json"), `${JSON.stringify(record, null, 2)}\n`, {
    mode: 0o600,
  });
  let count = 0;
  for (const path of record.events.flatMap(({ frame, crop }) => [frame, crop])) {
    const picture = path === null ? null : await images.open(path);
    if (path === null || !picture) continue;
    const parts: Buffer[] = [];
    for await (const part of picture.stream) parts.push(part);
    await writeFile(join(folder, path.replaceAll("/", "-")), Buffer.concat(parts), { mode: 0o600 });
    count++;
  }
  return count;
}

function summary(record: PlateExport, pictures: number, folder: string | undefined): string {
  const { plate, events, vehicle, passes, lookUps } = record;
  const lines = [
    `${plate}: ${events.length} events, ${vehicle ? "a registered vehicle" : "not registered"}, ` +
      `${passes.length} visitor passes, ${lookUps.length} look-ups`,
    folder
      ? `written to ${folder} with ${pictures} pictures`
      : "use --out to write it with its pictures, or --json to print it",
  ];
  return `${lines.join("\n")}\n`;
}
