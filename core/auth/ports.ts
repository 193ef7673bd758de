/**
 * Who may use Plategate: what is kept of users, API keys and sessions, and the
 * audit log. Times are milliseconds since the epoch (UTC).
 */

export interface User {
  id: string;
  /** Unique, compared in lower case. */
  username: string;
  email: string | null;
  fullName: string | null;
  /** An argon2 hash in PHC form; never leaves the server. */
  passwordHash: string;
  role: string;
  active: boolean;
  /** Tokens carry this number; raising it revokes all of the user's tokens. */
  tokenVersion: number;
  createdAt: number;
  updatedAt: number;
  lastLoginAt: number | null;
}

export type UserChanges = Partial<
  Pick<
    User,
    | "username"
    | "email"
    | "fullName"
    | "passwordHash"
    | "role"
    | "active"
    | "tokenVersion"
    | "lastLoginAt"
  >
>;

/** A page of a list; `limit` 0 gives the total alone. */
export interface PageRequest {
  skip: number;
  limit: number;
}

export interface PageOf<T> {
  items: T[];
  total: number;
  /** Set where so many fit that `total` is an estimate. */
  estimated?: boolean;
}

export interface UserRepository {
  /** Rejects with StoreError "conflict" where the username or email is taken. */
  create(user: User): Promise<void>;
  get(id: string): Promise<User | null>;
  /** By username, or by email where no username matches; case does not matter. */
  findByLogin(login: string): Promise<User | null>;
  list(page: PageRequest): Promise<PageOf<User>>;
  count(): Promise<number>;
  /** @returns false where there is no such user */
  update(id: string, changes: UserChanges, now: number): Promise<boolean>;
  delete(id: string): Promise<boolean>;
}

export interface ApiKey {
  id: string;
  name: string;
  /** SHA-256 of the key in hex; the key itself is not kept. */
  keyHash: string;
  /** First characters of the key, for people to recognise it. */
  prefix: string;
  scopes: string[];
  createdBy: string | null;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

export interface ApiKeyRepository {
  create(key: ApiKey): Promise<void>;
  get(id: string): Promise<ApiKey | null>;
  /** The key with this hash, also when it is revoked or expired: the caller checks. */
  findByHash(keyHash: string): Promise<ApiKey | null>;
  list(page: PageRequest): Promise<PageOf<ApiKey>>;
  /** Notes that the key was used. */
  touch(id: string, now: number): Promise<void>;
  /** @returns false where there is no such key or it was revoked before */
  revoke(id: string, now: number): Promise<boolean>;
  delete(id: string): Promise<boolean>;
}

export const SESSION_KINDS = ["refresh", "dashboard", "editor"] as const;
/** A login: to the API with a refresh token, to the dashboard, to the editor. */
export type SessionKind = (typeof SESSION_KINDS)[number];

/** A login, or one of the refresh tokens that follow one another in it. */
export interface Session {
  id: string;
  /** The login: the id of its first refresh token. */
  familyId: string;
  userId: string;
  kind: SessionKind;
  /** SHA-256 of the secret in hex. */
  tokenHash: string;
  createdAt: number;
  expiresAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
  /** When a refresh token was handed in for the next; it must not come again. */
  replacedAt: number | null;
  address: string | null;
  userAgent: string | null;
}

export interface SessionRepository {
  create(session: Session): Promise<void>;
  get(id: string): Promise<Session | null>;
  findByHash(tokenHash: string): Promise<Session | null>;
  touch(id: string, now: number): Promise<void>;
  /** Whether a login has a session that is neither revoked nor expired. */
  isActive(familyId: string, now: number): Promise<boolean>;
  /** A user's sessions that are neither revoked nor expired, newest first. */
  listActive(userId: string, now: number): Promise<Session[]>;
  /**
   * Puts a refresh token in another's place.
   * @returns false where the old one was handed in or revoked before; then nothing is changed
   */
  replace(oldId: string, next: Session, now: number): Promise<boolean>;
  /** Ends a login. @returns how many of its sessions were good until now */
  revokeFamily(familyId: string, now: number): Promise<number>;
  /** Revokes all sessions of a user. @returns how many */
  revokeAll(userId: string, now: number): Promise<number>;
  /** Removes sessions that ended before `before`. @returns how many */
  purge(before: number): Promise<number>;
}

/** One line of the audit log: a look-up, a change, a barrier command, a login. */
export interface AuditEntry {
  id: string;
  at: number;
  /** Username, "key:<name>" or "system". */
  actor: string;
  /** Organisation of the actor, where it is known. */
  organisation: string | null;
  /** E.g. "event.lookup", "vehicle.create", "barrier.open", "auth.login". */
  action: string;
  /** What it was done to, e.g. "event:<id>", "plate:AB123". */
  subject: string | null;
  /** Why, as the actor said. */
  purpose: string | null;
  result: "ok" | "refused" | "failed";
  address: string | null;
  requestId: string | null;
  /** Anything else: the query, the fields changed. Never a secret. */
  detail: Record<string, unknown>;
}

export interface AuditFilter {
  actor?: string | undefined;
  /** Exact, or a prefix when it ends with ".". */
  action?: string | undefined;
  subject?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

export interface AuditRepository {
  append(entry: AuditEntry): Promise<void>;
  /** Several at once, all or none. */
  appendAll(entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first. */
  list(filter: AuditFilter, page: PageRequest): Promise<PageOf<AuditEntry>>;
  purge(before: number): Promise<number>;
}

/** Small values by name: the list version, the site's states, secrets' ids. */
export interface SettingsRepository {
  get(key: string): Promise<unknown>;
  /** The value must survive JSON. */
  set(key: string, value: unknown, now: number): Promise<void>;
  delete(key: string): Promise<boolean>;
  all(): Promise<Record<string, unknown>>;
}
