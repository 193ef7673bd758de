import type { BarrierRegistry } from "../../adapters/barriers/registry";
import type { Database } from "../../adapters/database/types";
import type { BarrierAudit } from "../../core/barrier/ports";
import { createAuth } from "./create";
import { provideAuth } from "./registry";
import { tokenSecret } from "./secrets";
import type { AuthService } from "./service";

/**
 * Opens the process's users, keys and audit log: makes the first user where there
 * is none, and writes down from now on what barriers are asked to do.
 * @returns the first user's password when it was made up here
 */
export async function openAuth(
  database: Database,
  barriers: BarrierRegistry,
  home: string,
  env: NodeJS.ProcessEnv,
  log: (message: string) => void,
): Promise<string | null> {
  const auth = createAuth(database, tokenSecret(home, env), env.PLATEGATE_API_KEY || null);
  provideAuth(auth);
  barriers.on("audit", (entry) => {
    writeDown(auth, entry).catch((error: unknown) => {
      log(
        `the audit log could not be written (${entry.barrierId}, ${entry.detail}): ${String(error)}`,
      );
    });
  });
  return auth.ensureFirstAdmin(env.PLATEGATE_ADMIN_PASSWORD || null);
}

/** Who asked a barrier for what, why, and what came of it; changes of its state are not kept. */
async function writeDown(auth: AuthService, entry: BarrierAudit): Promise<void> {
  const { outcome } = entry;
  if (entry.kind !== "request" || !outcome) return;
  await auth.audit({
    actor: entry.actor,
    organisation: null,
    action: `barrier.${outcome.command}`,
    subject: `barrier:${entry.barrierId}`,
    purpose: entry.detail,
    result: outcome.result === "done" ? "ok" : outcome.result === "failed" ? "failed" : "refused",
    address: entry.origin?.address ?? null,
    requestId: entry.origin?.requestId ?? null,
    detail: {
      outcome: outcome.result,
      why: outcome.reason,
      state: entry.state,
      passage: outcome.passageId,
      confirmed_after_ms: entry.confirmedAfterMs,
    },
  });
}
