import { InvalidArgumentError, type Command } from "commander";
import { SCOPES, type Scope } from "../api/auth/permissions";
import { keyView } from "../api/plategate/keys";
import { helped, withAuth } from "./auth-admin";
import { textTable } from "./table";

interface Flags {
  json?: boolean;
}

interface AddFlags extends Flags {
  scope: Scope[];
  days?: number;
}

const MOST = 10_000;
const DAY_MS = 86_400_000;

/** Adds `plategate key`. */
export function register(program: Command): void {
  const group = program.command("key").description("API keys of edges and other systems");
  helped(
    group
      .command("add")
      .description("make a key and print it, this once")
      .argument("<name>", "what it is for")
      .requiredOption(
        "--scope <scopes>",
        `what it may do, with commas: ${SCOPES.join(", ")}`,
        scopesFrom,
      )
      .option("--days <n>", "days until it ends (default: never)", daysFrom)
      .option("--json", "print the key as one JSON line"),
  ).action(add);
  helped(
    group.command("list").description("list keys").option("--json", "a JSON line a key"),
  ).action(list);
  helped(
    group
      .command("revoke")
      .description("end a key for good")
      .argument("<id>", "its id, or its name where only one key has it")
      .option("--json", "print the key as one JSON line"),
  ).action(revoke);
}

async function add(name: string, flags: AddFlags): Promise<void> {
  await withAuth(async ({ keys }, actor) => {
    const expiresAt = flags.days === undefined ? null : Date.now() + flags.days * DAY_MS;
    const { key, secret } = await keys.create({ name, scopes: flags.scope, expiresAt }, actor);
    if (flags.json) process.stdout.write(`${JSON.stringify({ ...keyView(key), key: secret })}\n`);
    else process.stdout.write(`${secret}\n`);
  });
}

async function list(flags: Flags): Promise<void> {
  await withAuth(async ({ keys }) => {
    const views = (await keys.list({ skip: 0, limit: MOST })).items.map(keyView);
    if (flags.json) {
      for (const view of views) process.stdout.write(`${JSON.stringify(view)}\n`);
      return;
    }
    const rows = views.map((key) => [
      key.id,
      key.name,
      `${key.prefix}…`,
      key.scopes.join(","),
      key.last_used_at ?? "never",
      key.revoked_at ? "revoked" : (key.expires_at ?? "never"),
    ]);
    const headings = ["id", "name", "key", "scopes", "last used", "ends"];
    process.stdout.write(`${textTable(headings, rows)}\n`);
  });
}

async function revoke(wanted: string, flags: Flags): Promise<void> {
  await withAuth(async ({ keys }, actor) => {
    const { items } = await keys.list({ skip: 0, limit: MOST });
    const found = items.filter(
      ({ id, name, revokedAt }) => id === wanted || (name === wanted && revokedAt === null),
    );
    const [key] = found;
    if (!key) throw new Error(`there is no key "${wanted}"`);
    if (found.length > 1)
      throw new Error(`${found.length} keys have the name "${wanted}": take an id`);
    await keys.revoke(key.id, actor);
    const view = keyView(await keys.get(key.id));
    if (flags.json) process.stdout.write(`${JSON.stringify(view)}\n`);
    else process.stdout.write(`${key.name}: revoked\n`);
  });
}

function scopesFrom(text: string): Scope[] {
  return text.split(",").map((one) => {
    const scope = SCOPES.find((known) => known === one.trim());
    if (!scope) throw new InvalidArgumentError(`one of ${SCOPES.join(", ")}`);
    return scope;
  });
}

function daysFrom(text: string): number {
  const days = Number(text);
  if (!(days > 0 && days <= 36_500)) throw new InvalidArgumentError("a number of days above 0");
  return days;
}
