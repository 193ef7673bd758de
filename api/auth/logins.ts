import { createHash, randomBytes, randomUUID } from "node:crypto";
import { loginKey } from "../../core/auth/login-name";
import type { AuditEntry, Session, SessionKind, User } from "../../core/auth/ports";
import { ApiError } from "../errors";
import { verifyPassword } from "./passwords";
import type { AuthStores, Caller } from "./service";
import { Throttle } from "./throttle";

const HOUR_MS = 3_600_000;
/** How long a login lasts; one of the API as long again after each refresh. */
const LASTS_MS: Record<SessionKind, number> = {
  refresh: 30 * 24 * HOUR_MS,
  dashboard: 12 * HOUR_MS,
  editor: 12 * HOUR_MS,
};
/** Login tries a minute per address and user (API-DECISIONS). */
const LOGIN_TRIES = 10;
/** Sessions that ended are kept so long, for the detection of tokens that come again. */
const KEEP_ENDED_MS = 7 * 24 * HOUR_MS;

export interface LoginParts {
  stores: AuthStores;
  audit: (entry: Omit<AuditEntry, "id" | "at">) => Promise<void>;
  /** Told after each change that may end logins. */
  changed: () => void;
  now: () => number;
}

/** A login that was begun or went on: its secret is shown to the caller alone. */
export interface StartedLogin {
  user: User;
  session: Session;
  secret: string;
}

/** Who logs in, for how long, and how that ends. */
export class Logins {
  private readonly tries = new Throttle(LOGIN_TRIES, 60_000);
  private purgedAt = 0;

  constructor(private readonly parts: LoginParts) {}

  /**
   * Checks a name and a password.
   * @throws ApiError 401, or 429 after too many tries
   */
  async check(login: string, password: string, caller: Caller): Promise<User> {
    const { stores, now } = this.parts;
    const user = await stores.users.findByLogin(login);
    // By account: a name has many spellings, and an email address besides.
    const who = user ? `user:${user.id}` : `name:${loginKey(login)}`;
    const key = `${caller.address}|${who}`;
    const wait = this.tries.take(key, now());
    if (wait > 0) {
      throw ApiError.tooMany("Too many login attempts", wait, LOGIN_TRIES);
    }
    const good = await verifyPassword(user?.active ? user.passwordHash : null, password);
    await this.note("auth.login", user?.username ?? login.slice(0, 100), caller, good);
    if (!good || !user) throw new ApiError(401, "AUTHENTICATION_FAILED", "Invalid credentials");
    this.tries.clear(key);
    await stores.users.update(user.id, { lastLoginAt: now() }, now());
    return user;
  }

  /** Begins a login of somebody whose password was checked. */
  async start(user: User, kind: SessionKind, caller: Caller): Promise<StartedLogin> {
    await this.purge();
    const { session, secret } = this.make(user.id, kind, caller, null);
    await this.parts.stores.sessions.create(session);
    return { user, session, secret };
  }

  /**
   * Takes a refresh token for the next. One that comes a second time was stolen, or
   * its successor was: the whole login ends.
   * @throws ApiError 401
   */
  async refresh(secret: string, caller: Caller): Promise<StartedLogin> {
    const { stores, now } = this.parts;
    const old = await stores.sessions.findByHash(hashOf(secret));
    if (old?.kind !== "refresh") throw badRefresh();
    const user = await stores.users.get(old.userId);
    if (old.replacedAt !== null) return this.endStolen(old, user, caller);
    if (old.revokedAt !== null || old.expiresAt <= now() || !user?.active) throw badRefresh();
    const next = this.make(user.id, "refresh", caller, old.familyId);
    if (!(await stores.sessions.replace(old.id, next.session, now()))) {
      return this.endStolen(old, user, caller);
    }
    return { user, ...next };
  }

  /** The session that a secret belongs to, if it is good. */
  async find(secret: string, kinds: readonly SessionKind[]): Promise<Session | null> {
    const session = await this.parts.stores.sessions.findByHash(hashOf(secret));
    if (!session || !kinds.includes(session.kind) || session.revokedAt !== null) return null;
    return session.expiresAt > this.parts.now() ? session : null;
  }

  /** Ends the login that a secret belongs to; of any other secret nothing is said. */
  async endBySecret(secret: string): Promise<void> {
    const session = await this.parts.stores.sessions.findByHash(hashOf(secret));
    if (session) await this.end(session.familyId);
  }

  async end(familyId: string): Promise<void> {
    await this.parts.stores.sessions.revokeFamily(familyId, this.parts.now());
    this.parts.changed();
  }

  /** A user's logins that are good, newest first. */
  list(userId: string): Promise<Session[]> {
    return this.parts.stores.sessions.listActive(userId, this.parts.now());
  }

  private async endStolen(old: Session, user: User | null, caller: Caller): Promise<never> {
    await this.end(old.familyId);
    await this.note("auth.refresh_reused", user?.username ?? "unknown", caller, false);
    throw badRefresh();
  }

  private make(userId: string, kind: SessionKind, caller: Caller, familyId: string | null) {
    const secret = randomBytes(32).toString("base64url");
    const now = this.parts.now();
    const id = randomUUID();
    const session: Session = {
      id,
      familyId: familyId ?? id,
      userId,
      kind,
      tokenHash: hashOf(secret),
      createdAt: now,
      expiresAt: now + LASTS_MS[kind],
      lastUsedAt: now,
      revokedAt: null,
      replacedAt: null,
      address: caller.address.slice(0, 100),
      userAgent: caller.userAgent?.slice(0, 300) ?? null,
    };
    return { session, secret };
  }

  /** Forgets sessions that ended long ago, once an hour at most. */
  private async purge(): Promise<void> {
    const now = this.parts.now();
    if (now - this.purgedAt < HOUR_MS) return;
    this.purgedAt = now;
    await this.parts.stores.sessions.purge(now - KEEP_ENDED_MS);
  }

  private note(action: string, actor: string, caller: Caller, good: boolean): Promise<void> {
    return this.parts.audit({
      actor,
      organisation: null,
      action,
      subject: null,
      purpose: null,
      result: good ? "ok" : "refused",
      address: caller.address,
      requestId: caller.requestId ?? null,
      detail: {},
    });
  }
}

/** What is kept of a secret. It is random and long, so that a plain hash is enough. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function badRefresh(): ApiError {
  return ApiError.unauthenticated("This refresh token is no longer good: log in again");
}
