import { randomUUID } from "node:crypto";
import type { AuditEntry, PageOf, PageRequest, User, UserChanges } from "../../core/auth/ports";
import { StoreError } from "../../core/events/errors";
import { ApiError } from "../errors";
import { changeBy, requireAll, type Actor } from "./actor";
import { hashPassword } from "./passwords";
import type { Role } from "./permissions";
import type { RoleRights } from "./roles";
import type { AuthStores } from "./service";

export interface NewUser {
  username: string;
  email: string | null;
  fullName: string | null;
  password: string;
  role: Role;
}

export type UserPatch = Partial<Omit<NewUser, "username"> & { username: string; active: boolean }>;

/** Fewest characters of a password (API-DECISIONS, City). */
export const LEAST_PASSWORD = 12;

/** What the users' part of the guard needs of the rest. */
export interface UserParts {
  stores: AuthStores;
  roles: RoleRights;
  audit: (entry: Omit<AuditEntry, "id" | "at">) => Promise<void>;
  /** Told after each change that may end logins. */
  changed: () => void;
  now: () => number;
}

/** Users: made, changed, locked, removed. Whoever has no longer the rights he had is logged out. */
export class UserAdmin {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: UserParts) {}

  list(page: PageRequest): Promise<PageOf<User>> {
    return this.parts.stores.users.list(page);
  }

  /** @throws ApiError 404 */
  async get(id: string): Promise<User> {
    const user = await this.parts.stores.users.get(id);
    if (!user) throw ApiError.notFound("There is no such user");
    return user;
  }

  /** By name or email. @throws ApiError 404 */
  async find(login: string): Promise<User> {
    const user = await this.parts.stores.users.findByLogin(login);
    if (!user) throw ApiError.notFound(`There is no user "${login}"`);
    return user;
  }

  /** @throws ApiError 409 (name or email taken), 422 (password too weak), 403 (role above one's own) */
  async create(user: NewUser, actor: Actor): Promise<User> {
    const { stores, roles, audit } = this.parts;
    requireAll(actor, await roles.of(user.role));
    checkPassword(user.password, [user.username, user.email]);
    const now = this.parts.now();
    const { password, ...rest } = user;
    const made: User = {
      ...rest,
      id: randomUUID(),
      passwordHash: await hashPassword(password),
      active: true,
      tokenVersion: 1,
      createdAt: now,
      updatedAt: now,
      lastLoginAt: null,
    };
    await stores.users.create(made).catch(asConflict);
    await audit(changeBy(actor, "user.create", `user:${made.id}`, { role: made.role }));
    return made;
  }

  /**
   * Changes a user. A new role, a new password or a lock ends all of the user's logins.
   * @throws ApiError 404, 409 (name taken, or the last admin), 422, 403
   */
  update(id: string, patch: UserPatch, actor: Actor): Promise<User> {
    return this.alone(async () => {
      const { stores, audit, now } = this.parts;
      const before = await this.allowed(id, patch.role, actor);
      if (leavesOffice(before, patch)) await this.requireOtherAdmin(before);
      const { password, ...rest } = patch;
      const changes: UserChanges = { ...rest };
      if (password !== undefined) {
        checkPassword(password, [patch.username ?? before.username, patch.email ?? before.email]);
        changes.passwordHash = await hashPassword(password);
      }
      const ends = endsLogins(before, patch);
      if (ends) changes.tokenVersion = before.tokenVersion + 1;
      await stores.users.update(id, changes, now()).catch(asConflict);
      if (ends) await this.endLogins(id);
      await audit(changeBy(actor, "user.update", `user:${id}`, { fields: Object.keys(patch) }));
      return this.get(id);
    });
  }

  /** @throws ApiError 404, 409 (the last admin), 403 */
  remove(id: string, actor: Actor): Promise<void> {
    return this.alone(async () => {
      const before = await this.allowed(id, undefined, actor);
      await this.requireOtherAdmin(before);
      await this.parts.stores.users.delete(id);
      this.parts.changed();
      await this.parts.audit(
        changeBy(actor, "user.delete", `user:${id}`, { username: before.username }),
      );
    });
  }

  /** A user whom the actor may change, also to another role. */
  private async allowed(id: string, role: Role | undefined, actor: Actor): Promise<User> {
    const user = await this.get(id);
    requireAll(actor, await this.parts.roles.of(user.role));
    if (role !== undefined) requireAll(actor, await this.parts.roles.of(role));
    return user;
  }

  private async endLogins(id: string): Promise<void> {
    await this.parts.stores.sessions.revokeAll(id, this.parts.now());
    this.parts.changed();
  }

  /** @throws ApiError 409 where a user is the last admin who can log in */
  private async requireOtherAdmin(user: User): Promise<void> {
    if (user.role !== "admin" || !user.active) return;
    const { items } = await this.parts.stores.users.list({ skip: 0, limit: 10_000 });
    if (items.some((one) => one.id !== user.id && one.role === "admin" && one.active)) return;
    throw new ApiError(409, "CONFLICT", "This is the last admin: make another one first");
  }

  /** One change after the other: two admins who remove each other at once must not both succeed. */
  private alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }
}

function leavesOffice(before: User, { role, active }: UserPatch): boolean {
  return (role !== undefined && role !== before.role) || active === false;
}

function endsLogins(before: User, { role, active, password }: UserPatch): boolean {
  return (
    password !== undefined ||
    (role !== undefined && role !== before.role) ||
    (active !== undefined && active !== before.active)
  );
}

/** @throws ApiError 422 for a password that is too easily guessed */
export function checkPassword(password: string, names: readonly (string | null)[]): void {
  const refuse = (message: string): never => {
    throw new ApiError(422, "VALIDATION_ERROR", "This password cannot be used", {
      errors: [{ field: "password", message }],
    });
  };
  if ([...password].length < LEAST_PASSWORD) {
    refuse(`must have at least ${LEAST_PASSWORD} characters`);
  }
  if (new Set(password).size < 4) refuse("must have at least 4 different characters");
  const lower = password.toLowerCase();
  if (names.some((name) => name?.toLowerCase() === lower)) {
    refuse("must not be the user's name or email");
  }
}

function asConflict(error: unknown): never {
  if (error instanceof StoreError && error.code === "conflict") {
    throw new ApiError(409, "DUPLICATE_RESOURCE", "This username or email is taken");
  }
  throw error;
}
