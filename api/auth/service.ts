import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type {
  ApiKeyRepository,
  AuditEntry,
  AuditRepository,
  SessionRepository,
  User,
  UserRepository,
} from "../../core/auth/ports";
import { ApiError } from "../errors";
import { hashPassword, verifyPassword } from "./passwords";
import {
  ROLE_PERMISSIONS,
  ROLES,
  SCOPE_PERMISSIONS,
  SCOPES,
  type Permission,
  type Principal,
  type Role,
  type Scope,
} from "./permissions";
import { Throttle } from "./throttle";
import { TOKEN_TTL_S, Tokens } from "./tokens";

/** How long a dashboard login lasts, in milliseconds. */
const SESSION_TTL_MS = 12 * 3600_000;
/** Login tries a minute per address and user (API-DECISIONS). */
const LOGIN_TRIES = 10;
/** A session or key is noted as used at most this often. */
const TOUCH_EVERY_MS = 60_000;

export interface AuthStores {
  users: UserRepository;
  apiKeys: ApiKeyRepository;
  sessions: SessionRepository;
  audit: AuditRepository;
}

/** What a request shows to say who it is. */
export interface Credentials {
  authorization?: string | undefined;
  apiKey?: string | undefined;
  session?: string | null | undefined;
}

/** Who a login came from, for throttling and the audit log. */
export interface Caller {
  address: string;
  userAgent?: string | undefined;
  requestId?: string | undefined;
}

/** Users, keys, sessions and tokens: one guard for HTTP, sockets, dashboard and editor. */
export class AuthService {
  private readonly tokens: Tokens;
  private readonly logins = new Throttle(LOGIN_TRIES, 60_000);
  private readonly edgeKeyHash: Buffer | null;
  private readonly touched = new Map<string, number>();

  /**
   * @param jwtSecret signs access tokens
   * @param edgeKey the key of PLATEGATE_API_KEY, good for ingest and stream
   */
  constructor(
    private readonly stores: AuthStores,
    jwtSecret: string,
    edgeKey: string | null,
    private readonly now: () => number = Date.now,
  ) {
    this.tokens = new Tokens(jwtSecret);
    this.edgeKeyHash = edgeKey ? Buffer.from(sha256(edgeKey)) : null;
  }

  /**
   * Makes the user `admin` where there is no user yet.
   * @returns the password when it was made up here, to be shown once
   */
  async ensureFirstAdmin(password: string | null): Promise<string | null> {
    if ((await this.stores.users.count()) > 0) return null;
    const chosen = password ?? randomBytes(12).toString("base64url");
    const now = this.now();
    await this.stores.users.create({
      id: randomUUID(),
      username: "admin",
      email: null,
      fullName: "Administrator",
      passwordHash: await hashPassword(chosen),
      role: "admin",
      active: true,
      tokenVersion: 1,
      createdAt: now,
      updatedAt: now,
      lastLoginAt: null,
    });
    return password === null ? chosen : null;
  }

  /**
   * Checks a name and a password.
   * @throws ApiError 401, or 429 after too many tries
   */
  async login(login: string, password: string, caller: Caller): Promise<User> {
    const key = `${caller.address}|${login.toLowerCase()}`;
    const wait = this.logins.take(key, this.now());
    if (wait > 0) throw tooManyTries(wait);
    const user = await this.stores.users.findByLogin(login);
    const good = await verifyPassword(user?.active ? user.passwordHash : null, password);
    await this.note("auth.login", login, good ? "ok" : "refused", caller);
    if (!good || !user) throw new ApiError(401, "AUTHENTICATION_FAILED", "Invalid credentials");
    this.logins.clear(key);
    await this.stores.users.update(user.id, { lastLoginAt: this.now() }, this.now());
    return user;
  }

  /** An access token for the API and the seconds it is good for. */
  async accessToken(user: User): Promise<{ token: string; expiresIn: number }> {
    const token = await this.tokens.sign(user.id, user.tokenVersion);
    return { token, expiresIn: TOKEN_TTL_S };
  }

  /** Starts a dashboard login. @returns the cookie's value and when it ends (ms) */
  async startSession(user: User, caller: Caller): Promise<{ secret: string; expiresAt: number }> {
    const secret = randomBytes(32).toString("base64url");
    const now = this.now();
    const expiresAt = now + SESSION_TTL_MS;
    await this.stores.sessions.create({
      id: randomUUID(),
      userId: user.id,
      kind: "dashboard",
      tokenHash: sha256(secret),
      createdAt: now,
      expiresAt,
      lastUsedAt: now,
      revokedAt: null,
      address: caller.address,
      userAgent: caller.userAgent?.slice(0, 300) ?? null,
    });
    return { secret, expiresAt };
  }

  async endSession(secret: string): Promise<void> {
    const session = await this.stores.sessions.findByHash(sha256(secret));
    if (session) await this.stores.sessions.revoke(session.id, this.now());
  }

  /** Who the credentials belong to; null where they are none or no longer good. */
  async authenticate(credentials: Credentials): Promise<Principal | null> {
    const bearer = /^Bearer (.+)$/i.exec(credentials.authorization ?? "")?.[1];
    if (bearer) return this.byToken(bearer);
    if (credentials.apiKey) return this.byKey(credentials.apiKey);
    if (credentials.session) return this.bySession(credentials.session);
    return null;
  }

  findUser(login: string): Promise<User | null> {
    return this.stores.users.findByLogin(login);
  }

  /** Writes a line of the audit log. */
  async audit(entry: Omit<AuditEntry, "id" | "at">): Promise<void> {
    await this.stores.audit.append({ id: randomUUID(), at: this.now(), ...entry });
  }

  private async byToken(token: string): Promise<Principal | null> {
    const claims = await this.tokens.verify(token);
    if (!claims) return null;
    const user = await this.stores.users.get(claims.userId);
    if (!user?.active || user.tokenVersion !== claims.version) return null;
    return principalOfUser(user, claims.tokenId);
  }

  private async bySession(secret: string): Promise<Principal | null> {
    const session = await this.stores.sessions.findByHash(sha256(secret));
    if (session?.kind !== "dashboard" || session.revokedAt !== null) return null;
    if (session.expiresAt <= this.now()) return null;
    const user = await this.stores.users.get(session.userId);
    if (!user?.active) return null;
    if (this.isDue(session.id)) await this.stores.sessions.touch(session.id, this.now());
    return principalOfUser(user, session.id);
  }

  private async byKey(key: string): Promise<Principal | null> {
    const hash = sha256(key);
    if (this.edgeKeyHash && timingSafeEqual(Buffer.from(hash), this.edgeKeyHash)) {
      return principalOfKey("edge", "edge key of the environment", ["ingest", "stream"]);
    }
    const stored = await this.stores.apiKeys.findByHash(hash);
    if (!stored || stored.revokedAt !== null) return null;
    if (stored.expiresAt !== null && stored.expiresAt <= this.now()) return null;
    if (this.isDue(stored.id)) await this.stores.apiKeys.touch(stored.id, this.now());
    return principalOfKey(stored.id, stored.name, stored.scopes);
  }

  private isDue(id: string): boolean {
    const now = this.now();
    if (now - (this.touched.get(id) ?? 0) < TOUCH_EVERY_MS) return false;
    if (this.touched.size > 10_000) this.touched.clear();
    this.touched.set(id, now);
    return true;
  }

  private note(
    action: string,
    actor: string,
    result: AuditEntry["result"],
    caller: Caller,
  ): Promise<void> {
    return this.audit({
      actor,
      organisation: null,
      action,
      subject: null,
      purpose: null,
      result,
      address: caller.address,
      requestId: caller.requestId ?? null,
      detail: {},
    });
  }
}

function tooManyTries(waitMs: number): ApiError {
  const seconds = Math.ceil(waitMs / 1000);
  return new ApiError(429, "RATE_LIMIT_EXCEEDED", "Too many login attempts", {
    headers: { "Retry-After": String(seconds) },
    body: { retry_after_seconds: seconds },
  });
}

function principalOfUser(user: User, credentialId: string): Principal {
  const role = (ROLES as readonly string[]).includes(user.role) ? (user.role as Role) : null;
  const permissions = new Set<Permission>(role ? ROLE_PERMISSIONS[role] : []);
  return { kind: "user", id: user.id, name: user.username, role, permissions, credentialId };
}

function principalOfKey(id: string, name: string, scopes: readonly string[]): Principal {
  const known = scopes.filter((scope): scope is Scope =>
    (SCOPES as readonly string[]).includes(scope),
  );
  const permissions = new Set(known.flatMap((scope) => SCOPE_PERMISSIONS[scope]));
  return { kind: "key", id, name, role: null, permissions, credentialId: id };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
