import type { Command } from "commander";
import { userInfo } from "node:os";
import { createAuth } from "../api/auth/create";
import type { Actor } from "../api/auth/actor";
import type { AuthService } from "../api/auth/service";
import { ApiError } from "../api/errors";
import { withRepositories } from "./records";

/**
 * The users and keys of the database that PLATEGATE_HOME and DATABASE_URL name, also
 * of a Plategate that runs beside: it sees a change within a second.
 */
export async function withAuth(work: (auth: AuthService, actor: Actor) => Promise<void>) {
  const actor: Actor = {
    name: `cli:${userInfo().username}`,
    permissions: null,
    address: null,
    requestId: null,
  };
  await withRepositories(process.env, async ({ database }) => {
    // No tokens are signed here, and the edge key of the environment is not asked for.
    await work(createAuth(database, "", null), actor).catch(explain);
  });
}

/** Adds the help text that all of these commands share. */
export function helped(command: Command): Command {
  return command.addHelpText(
    "after",
    "\nReads PLATEGATE_HOME and DATABASE_URL. Works beside a Plategate that is running.",
  );
}

/** A password from the first line of standard input, so that it stands in no process list. */
export async function passwordFromInput(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write("Password (shown while typed): ");
  let text = "";
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  process.stdin.destroy();
  const password = text.split(/\r?\n/)[0] ?? "";
  if (password === "") throw new Error("no password on standard input");
  return password;
}

/** What was wrong with a field, in one line. */
function explain(error: unknown): never {
  if (error instanceof ApiError) {
    const fields = (error.extra.errors ?? []).map(({ field, message }) => `${field} ${message}`);
    throw new Error([error.message, ...fields].join(": "), { cause: error });
  }
  throw error;
}
