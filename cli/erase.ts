import type { Command } from "commander";
import { askerOf, withRecords, type AskerFlags } from "./records";

interface EraseFlags extends AskerFlags {
  json?: boolean;
  yes?: boolean;
  lists?: boolean;
  held?: boolean;
}

/** Adds `plategate erase`. */
export function register(program: Command): void {
  program
    .command("erase")
    .description("delete everything that is kept of a plate, pictures included")
    .argument("<plate>", "the plate, with or without spaces and dashes")
    .option("--yes", "do it; without this it only says what there is")
    .option("--lists", "also the registered vehicle and its visitor passes")
    .option("--held", "also events that are held")
    .option("--json", "print the result as one JSON line")
    .option("--actor <name>", "who asks, for the audit log (default: the user of this machine)")
    .option("--organisation <name>", "for whom, for the audit log")
    .option("--purpose <text>", "why, for the audit log")
    .addHelpText(
      "after",
      "\nReads PLATEGATE_HOME and DATABASE_URL. The audit log keeps that it was done.\n" +
        "Events that wait to be stored (see /healthz) are not in the record yet.",
    )
    .action(async (plate: string, flags: EraseFlags) => {
      await withRecords(process.env, async (people) => {
        const asker = askerOf(flags);
        if (!flags.yes) {
          const { events } = await people.export(plate, asker, Date.now());
          const held = events.filter((event) => event.held).length;
          process.stderr.write(`${events.length} events, ${held} of them held; nothing deleted\n`);
          process.stderr.write("add --yes to delete them\n");
          process.exitCode = 1;
          return;
        }
        const options = { lists: flags.lists ?? false, held: flags.held ?? false };
        const result = await people.erase(plate, options, asker, Date.now());
        if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
        else {
          process.stdout.write(
            `${result.plate}: ${result.events} events and ${result.pictures} pictures deleted, ` +
              `${result.held} held events left\n`,
          );
        }
      });
    });
}
