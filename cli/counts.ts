import type { Command } from "commander";
import { rebuildEventCounts } from "../adapters/database/repositories/event-count-rebuild";
import { withRepositories } from "./records";

/** Adds `plategate counts`. */
export function register(program: Command): void {
  const counts = program
    .command("counts")
    .description("the counts that totals and statistics are read from");
  counts
    .command("rebuild")
    .description("count all events anew, where totals and lists disagree")
    .option("--json", "print the result as one JSON line")
    .addHelpText(
      "after",
      "\nReads PLATEGATE_HOME and DATABASE_URL. Plategate may run meanwhile and waits with new\n" +
        "events until it is done; with MySQL or MariaDB stop it first.",
    )
    .action(async ({ json }: { json?: boolean }) => {
      const result = await withRepositories(process.env, ({ database }) =>
        rebuildEventCounts(database),
      );
      const { before, events } = result;
      const change = before === events ? "as before" : `${before} before`;
      const text = json ? JSON.stringify(result) : `${events} events counted, ${change}`;
      process.stdout.write(`${text}\n`);
    });
}
