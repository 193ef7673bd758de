import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { openDatabase } from "../adapters/database/open";
import { DatabaseAccess } from "../adapters/database/repositories/access";
import { DatabaseAudit } from "../adapters/database/repositories/audit";
import { DatabaseEvents } from "../adapters/database/repositories/events";
import type { AccessRepository } from "../core/access/ports";
import type { EventRepository } from "../core/events/ports";
import { homeFolder } from "./app/home";

/** The lists and events of a Plategate that may be running beside. */
export interface AccessDatabase {
  access: AccessRepository;
  events: EventRepository;
  /** Notes in the audit log what a command did. */
  note: (action: string, detail: Record<string, unknown>) => Promise<void>;
}

/** Opens the database that PLATEGATE_HOME and DATABASE_URL name, does the work, closes it. */
export async function withAccess<T>(
  env: NodeJS.ProcessEnv,
  work: (database: AccessDatabase) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({
    url: env.DATABASE_URL,
    home: homeFolder(env),
    log: (level, message) => {
      if (level !== "info") process.stderr.write(`plategate: ${message}\n`);
    },
  });
  const audit = new DatabaseAudit(database);
  try {
    return await work({
      access: new DatabaseAccess(database),
      events: new DatabaseEvents(database),
      note: (action, detail) => audit.append(auditEntry(action, detail)),
    });
  } finally {
    await database.close();
  }
}

function auditEntry(action: string, detail: Record<string, unknown>) {
  return {
    id: randomUUID(),
    at: Date.now(),
    actor: `cli:${userInfo().username}`,
    organisation: null,
    action,
    subject: null,
    purpose: null,
    result: "ok" as const,
    address: null,
    requestId: null,
    detail,
  };
}

/** The zone of the machine, where none is given. */
export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
