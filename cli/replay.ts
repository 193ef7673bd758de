import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import type { Replayed, ReplayCounts, RuleChange } from "../core/access/replay";
import { countReplayed, readRuleChange, sameVerdict } from "../core/access/replay";
import { decidedEvents, replayEvent } from "../adapters/access/recorded";
import { withAccess } from "./access-database";
import { textTable } from "./table";

interface ReplayFlags {
  from?: number;
  to?: number;
  plate?: string;
  rules?: string;
  current?: boolean;
  all?: boolean;
  json?: boolean;
}

/** Adds `plategate replay`. */
export function register(program: Command): void {
  program
    .command("replay")
    .description("make stored decisions again, and show what changed rules would have decided")
    .option("--from <time>", "from this time on, ISO 8601", time)
    .option("--to <time>", "until this time", time)
    .option("--plate <text>", "only plates with this in them")
    .option("--rules <file>", "changed rules as JSON; see docs/access.md")
    .option("--current", "decide by the lists of today")
    .option("--all", "show every decision, not only those that come out differently")
    .option("--json", "a JSON line for each decision, then the counts")
    .addHelpText(
      "after",
      "\nReads PLATEGATE_HOME and DATABASE_URL; changes nothing. Exit status 1 where a stored\ndecision does not come out as it was.",
    )
    .action(replayAll);
}

function time(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError("as in 2026-03-18T12:00:00Z");
  return at;
}

async function replayAll(flags: ReplayFlags): Promise<void> {
  const fromFile = flags.rules
    ? readRuleChange(JSON.parse(await readFile(flags.rules, "utf8")))
    : null;
  await withAccess(process.env, async ({ access, events }) => {
    const lists = flags.current ? await access.snapshot() : null;
    const change: RuleChange | null = lists ? { ...fromFile, lists } : fromFile;
    const replayed: Replayed[] = [];
    const { from, to, plate } = flags;
    const filter = { from, to, plateContains: plate?.toUpperCase() };
    for await (const event of decidedEvents(events, filter, "asc")) {
      const one = replayEvent(event, change);
      if (!one) continue;
      replayed.push(one);
      if (flags.json && shown(one, flags)) print(JSON.stringify(one));
    }
    const counts = countReplayed(replayed);
    if (flags.json) print(JSON.stringify({ counts }));
    else
      print(
        report(
          replayed.filter((one) => shown(one, flags)),
          counts,
        ),
      );
    if (counts.different > 0) process.exitCode = 1;
  });
}

/** Differences alone, unless all are wanted. */
function shown({ was, again, would }: Replayed, flags: ReplayFlags): boolean {
  if (flags.all) return true;
  return (
    (again !== null && !sameVerdict(was, again)) || (would !== null && !sameVerdict(was, would))
  );
}

function report(replayed: readonly Replayed[], counts: ReplayCounts): string {
  const said = (one: Replayed["would"]): string => (one ? `${one.result} (${one.reason})` : "-");
  const rows = replayed.map(({ at, plate, laneId, was, again, would }) => [
    new Date(at).toISOString(),
    laneId ?? "-",
    plate,
    said(was),
    said(again),
    said(would),
  ]);
  const parts: string[] = [];
  if (rows.length > 0) {
    parts.push(textTable(["time", "lane", "plate", "was", "again", "with the change"], rows), "");
  }
  const { total, different, notStored, changes } = counts;
  parts.push(
    `${total} decisions: ${total - different - notStored} come out the same, ${different} differently, ` +
      `${notStored} were stored without what they depended on`,
  );
  const changed = Object.entries(changes).sort(([, a], [, b]) => b - a);
  if (changed.length > 0) {
    parts.push(`With the change: ${changed.map(([what, n]) => `${n} ${what}`).join(", ")}`);
  }
  return parts.join("\n");
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
