import { randomUUID } from "node:crypto";
import type { AccessRepository } from "../core/access/ports";
import type { EventRepository } from "../core/events/ports";
import { askerOf, withRepositories } from "./records";

/** The lists and events of a Plategate that may be running beside. */
export interface AccessDatabase {
  access: AccessRepository;
  events: EventRepository;
  /** Notes in the audit log what a command did. */
  note: (action: string, detail: Record<string, unknown>) => Promise<void>;
}

/** Opens the database, does the work, closes it. */
export function withAccess<T>(
  env: NodeJS.ProcessEnv,
  work: (database: AccessDatabase) => Promise<T>,
): Promise<T> {
  return withRepositories(env, ({ access, events, audit }) =>
    work({ access, events, note: (action, detail) => audit.append(auditEntry(action, detail)) }),
  );
}

function auditEntry(action: string, detail: Record<string, unknown>) {
  return {
    id: randomUUID(),
    at: Date.now(),
    ...askerOf({}),
    action,
    subject: null,
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
