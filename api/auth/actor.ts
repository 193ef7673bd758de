import type { AuditEntry } from "../../core/auth/ports";
import { ApiError } from "../errors";
import { callerAddress } from "../http/request";
import type { OperationContext } from "../operations";
import type { Permission, Principal } from "./permissions";

/** Who changes users and keys, for the audit log and for what may be given away. */
export interface Actor {
  name: string;
  /** Null: whoever may run commands on the machine may give every right. */
  permissions: ReadonlySet<Permission> | null;
  address: string | null;
  requestId: string | null;
}

/** How a caller stands in records: a key is never taken for the user of the same name. */
export function nameOf({ kind, name }: Pick<Principal, "kind" | "name">): string {
  return kind === "key" ? `key:${name}` : name;
}

/** The caller of an operation. */
export function actorOf({
  principal,
  request,
  requestId,
}: Pick<OperationContext, "principal" | "request" | "requestId">): Actor {
  const { permissions } = principal;
  return { name: nameOf(principal), permissions, address: callerAddress(request), requestId };
}

/** @throws ApiError 403 where somebody would give away, or change, more than he may himself */
export function requireAll(actor: Actor, rights: Iterable<Permission>): void {
  const { permissions } = actor;
  if (!permissions) return;
  const missing = [...rights].filter((right) => !permissions.has(right));
  if (missing.length > 0) {
    throw ApiError.forbidden(`That needs rights that you do not have: ${missing.join(", ")}`);
  }
}

/** A line of the audit log about a change that was made. */
export function changeBy(
  actor: Actor,
  action: string,
  subject: string | null,
  detail: Record<string, unknown> = {},
): Omit<AuditEntry, "id" | "at"> {
  return {
    actor: actor.name,
    organisation: null,
    action,
    subject,
    purpose: null,
    result: "ok",
    address: actor.address,
    requestId: actor.requestId,
    detail,
  };
}
