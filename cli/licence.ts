import { createPublicKey, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { InvalidArgumentError, type Command } from "commander";
import { issueLicence, readLicence, signingKey, trustedKey } from "../adapters/licence/keys";
import type { Licence } from "../core/licence/licence";
import { homeFolder } from "./app/home";

interface IssueFlags {
  days?: number;
  installation?: string;
  limit: Record<string, number>;
  feature: string[];
  folder?: string;
  json?: boolean;
}

interface ShowFlags {
  publicKey?: string;
  json?: boolean;
}

const DAY_MS = 86_400_000;

/** Adds `plategate licence`. */
export function register(program: Command): void {
  const group = program.command("licence").description("licence keys: issue one, show one");
  group
    .command("issue")
    .description("sign a licence and print its key")
    .argument("<licensee>", "whom it is for")
    .option("--days <n>", "days until it ends (default: never)", daysFrom)
    .option("--installation <id>", "the one installation it is for (GET /api/licenses says its id)")
    .option("--limit <name=n>", "most of something, e.g. cameras=8; may be repeated", limitFrom, {})
    .option("--feature <name>", "may be repeated", collect, [])
    .option("--folder <path>", "where the signing key is, made there if missing (default: home)")
    .option("--json", "print the key and the licence as one JSON line")
    .addHelpText(
      "after",
      "\nThe signing key stays with whoever issues. Installations trust licence-trusted.pem in\n" +
        "PLATEGATE_HOME, or PLATEGATE_LICENCE_PUBLIC_KEY.",
    )
    .action(issue);
  group
    .command("show")
    .description("check a key's signature and print what it says")
    .argument("<key>", "PG1.…")
    .option("--public-key <file>", "PEM of the key it must be signed with (default: home's)")
    .option("--json", "print the licence as one JSON line")
    .action(show);
}

function issue(licensee: string, flags: IssueFlags): void {
  const now = Date.now();
  const licence: Licence = {
    id: randomUUID(),
    licensee,
    issued_at: new Date(now).toISOString(),
    expires_at: flags.days === undefined ? null : new Date(now + flags.days * DAY_MS).toISOString(),
    installation_id: flags.installation ?? null,
    limits: flags.limit,
    features: flags.feature,
  };
  const key = issueLicence(licence, signingKey(flags.folder ?? homeFolder(process.env)));
  process.stdout.write(flags.json ? `${JSON.stringify({ key, licence })}\n` : `${key}\n`);
}

function show(key: string, flags: ShowFlags): void {
  const trusted = flags.publicKey
    ? createPublicKey(readFileSync(flags.publicKey, "utf8"))
    : trustedKey(homeFolder(process.env), process.env);
  const licence = readLicence(key, trusted);
  process.stdout.write(`${JSON.stringify(licence, null, flags.json ? 0 : 2)}\n`);
}

function daysFrom(text: string): number {
  const days = Number(text);
  if (Number.isFinite(days) && days > 0 && days <= 36_500) return days;
  throw new InvalidArgumentError("must be a number of days");
}

function limitFrom(text: string, before: Record<string, number>): Record<string, number> {
  const [, name = "", count = ""] = /^([a-z][a-z0-9_]{0,63})=(\d{1,12})$/.exec(text) ?? [];
  if (name === "") throw new InvalidArgumentError("must be name=number, e.g. cameras=8");
  return { ...before, [name]: Number(count) };
}

function collect(text: string, before: string[]): string[] {
  return [...before, text];
}
