import type { SettingsRepository } from "../../core/auth/ports";
import { ApiError } from "../errors";
import { PERMISSIONS, ROLE_PERMISSIONS, ROLES, type Permission, type Role } from "./permissions";

/** What a site gives to a role beside the table of API-DECISIONS, or takes from it. */
export interface RoleChange {
  given: Permission[];
  taken: Permission[];
}

const SETTING = "role_rights";
/** Another process may change the setting; it is read again after this long (ms). */
const FRESH_MS = 2_000;

/** Which rights each role has on this site. */
export class RoleRights {
  private changes: Promise<Record<Role, RoleChange>> | null = null;
  private readAt = 0;

  constructor(
    private readonly settings: SettingsRepository,
    private readonly now: () => number,
  ) {}

  /** The rights of a role; none for one that is not known. */
  async of(role: string): Promise<ReadonlySet<Permission>> {
    const known = ROLES.find((one) => one === role);
    if (!known) return new Set();
    const { given, taken } = (await this.all())[known];
    const rights = new Set([...ROLE_PERMISSIONS[known], ...given]);
    for (const right of taken) rights.delete(right);
    return rights;
  }

  /** What was given to and taken from each role. */
  all(): Promise<Record<Role, RoleChange>> {
    if (!this.changes || this.now() - this.readAt > FRESH_MS) {
      this.readAt = this.now();
      this.changes = this.settings.get(SETTING).then(changesOf);
      this.changes.catch(() => (this.changes = null));
    }
    return this.changes;
  }

  /**
   * Sets what is given to and taken from a role.
   * @throws ApiError 409 where nobody could change it back
   */
  async set(role: Role, change: RoleChange): Promise<void> {
    if (role === "admin" && change.taken.includes("system")) {
      throw new ApiError(409, "CONFLICT", "An admin without the right `system` could not undo it");
    }
    const changes = { ...(await this.all()), [role]: change };
    await this.settings.set(SETTING, changes, this.now());
    this.changes = null;
  }
}

/** The setting, with what it may hold of older or newer versions left out. */
function changesOf(stored: unknown): Record<Role, RoleChange> {
  const all = (stored ?? {}) as Partial<Record<Role, Partial<RoleChange>>>;
  const known = (list: unknown) =>
    PERMISSIONS.filter((right) => Array.isArray(list) && list.includes(right));
  return Object.fromEntries(
    ROLES.map((role) => [role, { given: known(all[role]?.given), taken: known(all[role]?.taken) }]),
  ) as Record<Role, RoleChange>;
}
