import { Option, type Command } from "commander";
import { randomBytes } from "node:crypto";
import { ROLES, type Role } from "../api/auth/permissions";
import { userView } from "../api/plategate/users";
import { helped, passwordFromInput, withAuth } from "./auth-admin";
import { textTable } from "./table";

interface Flags {
  json?: boolean;
}

interface AddFlags extends Flags {
  role: Role;
  email?: string;
  fullName?: string;
  passwordStdin?: boolean;
}

const MOST = 10_000;

/** Adds `plategate user`. */
export function register(program: Command): void {
  const group = program.command("user").description("users who may log in");
  helped(
    group
      .command("add")
      .description("add a user; prints a made-up password once, unless one is given")
      .argument("<username>")
      .addOption(new Option("--role <role>", "what the user may do").choices(ROLES).default("user"))
      .option("--email <address>")
      .option("--full-name <name>")
      .option("--password-stdin", "read the password from standard input")
      .option("--json", "print the user as one JSON line"),
  ).action(add);
  helped(
    group.command("list").description("list users").option("--json", "a JSON line a user"),
  ).action(list);
  helped(
    group
      .command("password")
      .description("set a user's password; all of the user's logins end")
      .argument("<username>")
      .option("--password-stdin", "read it from standard input; else one is made up and printed")
      .option("--json", "print the result as one JSON line"),
  ).action(password);
  for (const active of [false, true]) {
    helped(
      group
        .command(active ? "enable" : "disable")
        .description(active ? "let a user in again" : "lock a user out, at once")
        .argument("<username>")
        .option("--json", "print the user as one JSON line"),
    ).action((username: string, flags: Flags) => setActive(username, active, flags));
  }
}

async function add(username: string, flags: AddFlags): Promise<void> {
  const chosen = await passwordFor(flags);
  await withAuth(async ({ users }, actor) => {
    const { email = null, fullName = null, role } = flags;
    const user = await users.create(
      { username, email, fullName, role, password: chosen.password },
      actor,
    );
    if (flags.json) print({ ...userView(user), ...chosen.shown });
    else process.stdout.write(`${user.username} (${user.role}) added${told(chosen.shown)}\n`);
  });
}

async function list(flags: Flags): Promise<void> {
  await withAuth(async ({ users }) => {
    const views = (await users.list({ skip: 0, limit: MOST })).items.map(userView);
    if (flags.json) return views.forEach(print);
    const rows = views.map(({ username, role, active, email, last_login_at: last }) => [
      username,
      role,
      active ? "yes" : "locked",
      email ?? "",
      last ?? "never",
    ]);
    process.stdout.write(
      `${textTable(["user", "role", "may log in", "email", "last login"], rows)}\n`,
    );
  });
}

async function password(
  username: string,
  flags: Flags & { passwordStdin?: boolean },
): Promise<void> {
  const chosen = await passwordFor(flags);
  await withAuth(async ({ users }, actor) => {
    const { id } = await users.find(username);
    const user = await users.update(id, { password: chosen.password }, actor);
    if (flags.json) print({ ...userView(user), ...chosen.shown });
    else process.stdout.write(`${user.username}: password changed${told(chosen.shown)}\n`);
  });
}

async function setActive(username: string, active: boolean, flags: Flags): Promise<void> {
  await withAuth(async ({ users }, actor) => {
    const { id } = await users.find(username);
    const user = await users.update(id, { active }, actor);
    if (flags.json) print(userView(user));
    else process.stdout.write(`${user.username}: ${active ? "may log in" : "locked out"}\n`);
  });
}

/** The password that was given, or one that is made up and shown. */
async function passwordFor(flags: {
  passwordStdin?: boolean;
}): Promise<{ password: string; shown: { password?: string } }> {
  if (flags.passwordStdin) return { password: await passwordFromInput(), shown: {} };
  const made = randomBytes(12).toString("base64url");
  return { password: made, shown: { password: made } };
}

function told({ password: made }: { password?: string }): string {
  return made ? `, password ${made} (shown this once)` : "";
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
