/** Rights, named for what they allow; API-DECISIONS' table maps roles to them. */
export const PERMISSIONS = [
  "events.read",
  "review",
  "analytics",
  "lists.write",
  "barrier.move",
  "settings.site",
  "system",
  "privacy",
  "ingest",
  "stream",
  "recognize",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What an operation asks of its caller: a right, any good credential, or nothing. */
export type Access = Permission | "signed_in" | "public";

export const ROLES = ["user", "clerk", "analyst", "manager", "admin"] as const;
export type Role = (typeof ROLES)[number];

const user: Permission[] = ["events.read", "stream", "recognize"];
const clerk: Permission[] = [...user, "review"];
const analyst: Permission[] = [...clerk, "analytics"];
const manager: Permission[] = [...analyst, "lists.write", "barrier.move", "settings.site"];

/** What each role may do unless the settings say otherwise. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  user,
  clerk,
  analyst,
  manager,
  admin: PERMISSIONS,
};

export const SCOPES = ["ingest", "stream", "read", "control", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** What each scope of an API key may do. */
export const SCOPE_PERMISSIONS: Readonly<Record<Scope, readonly Permission[]>> = {
  ingest: ["ingest"],
  stream: ["stream"],
  read: ["events.read", "recognize", "analytics"],
  control: ["barrier.move"],
  admin: PERMISSIONS,
};

/** Who a request comes from, after its credential was checked. */
export interface Principal {
  kind: "user" | "key" | "public";
  /** User or key id. */
  id: string;
  name: string;
  role: Role | null;
  permissions: ReadonlySet<Permission>;
  /** Session or token that it came with, for revocation and audit. */
  credentialId: string | null;
}

/** Whether somebody has a right, or, for "signed_in", is known at all. */
export function may(principal: Principal | null, permission: Permission | "signed_in"): boolean {
  if (!principal || principal.kind === "public") return false;
  return permission === "signed_in" || principal.permissions.has(permission);
}
