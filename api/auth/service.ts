import { randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { EventEmitter } from "node:events";
import type {
  ApiKeyRepository,
  AuditEntry,
  AuditRepository,
  SessionRepository,
  SettingsRepository,
  User,
  UserRepository,
} from "../../core/auth/ports";
import { KeyAdmin } from "./keys";
import { hashOf, Logins } from "./logins";
import { hashPassword } from "./passwords";
import {
  ROLES,
  SCOPE_PERMISSIONS,
  SCOPES,
  type Permission,
  type Principal,
  type Scope,
} from "./permissions";
import { PrincipalCache } from "./principal-cache";
import { RoleRights } from "./roles";
import { TOKEN_TTL_S, Tokens } from "./tokens";
import { UserAdmin } from "./users";

/** A session or key is noted as used at most this often. */
const TOUCH_EVERY_MS = 60_000;

export interface AuthStores {
  users: UserRepository;
  apiKeys: ApiKeyRepository;
  sessions: SessionRepository;
  audit: AuditRepository;
  settings: SettingsRepository;
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

/** A login ended, or a user, a role or a key was changed. */
export type AuthChange = "login" | "rights";

/** Users, keys, sessions and tokens: one guard for HTTP, sockets, dashboard and editor. */
export class AuthService {
  readonly logins: Logins;
  readonly users: UserAdmin;
  readonly keys: KeyAdmin;
  readonly roles: RoleRights;
  private readonly tokens: Tokens;
  private readonly edgeKeyHash: Buffer | null;
  private readonly touched = new Map<string, number>();
  private readonly changes = new EventEmitter<{ changed: [AuthChange] }>().setMaxListeners(0);
  private readonly known: PrincipalCache;

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
    this.edgeKeyHash = edgeKey ? Buffer.from(hashOf(edgeKey)) : null;
    this.known = new PrincipalCache(now);
    this.roles = new RoleRights(stores.settings, now);
    const audit = (entry: Omit<AuditEntry, "id" | "at">) => this.audit(entry);
    const changed = () => this.rightsChanged();
    const ended = () => this.tell("login");
    this.logins = new Logins({ stores, audit, changed: ended, now });
    this.users = new UserAdmin({ stores, roles: this.roles, audit, changed, now });
    this.keys = new KeyAdmin(stores, audit, changed, now);
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

  /** An access token of a login and the seconds it is good for. */
  async accessToken(user: User, familyId: string): Promise<{ token: string; expiresIn: number }> {
    const claims = { userId: user.id, version: user.tokenVersion, familyId };
    return { token: await this.tokens.sign(claims, this.now()), expiresIn: TOKEN_TTL_S };
  }

  /** Who the credentials belong to; null where they are none or no longer good. */
  async authenticate(credentials: Credentials): Promise<Principal | null> {
    const bearer = /^Bearer (.+)$/i.exec(credentials.authorization ?? "")?.[1];
    if (bearer) return this.known.get(`token ${bearer}`, () => this.byToken(bearer));
    const { apiKey, session } = credentials;
    if (apiKey) return this.known.get(`key ${apiKey}`, () => this.byKey(apiKey));
    if (session) return this.known.get(`session ${session}`, () => this.bySession(session));
    return null;
  }

  /** Who the editor's token belongs to; null where it is no longer good. */
  async byEditorToken(secret: string): Promise<Principal | null> {
    const session = await this.logins.find(secret, ["editor"]);
    if (!session) return null;
    const user = await this.stores.users.get(session.userId);
    return user?.active ? this.principalOf(user, session.familyId) : null;
  }

  /** Who a user is as a caller, of a login or before one. */
  async principalOf(user: User, credentialId: string | null): Promise<Principal> {
    const role = ROLES.find((one) => one === user.role) ?? null;
    const permissions = await this.roles.of(user.role);
    return { kind: "user", id: user.id, name: user.username, role, permissions, credentialId };
  }

  /**
   * Tells when somebody's rights may have ended in this process: open connections
   * check then whether theirs still hold. Other processes are not heard of: check
   * now and then as well.
   * @returns a function that ends it
   */
  onChange(listener: (what: AuthChange) => void): () => void {
    this.changes.on("changed", listener);
    return () => this.changes.off("changed", listener);
  }

  /** To be called after a change of what somebody may do. */
  rightsChanged(): void {
    this.tell("rights");
  }

  /** Writes a line of the audit log. */
  async audit(entry: Omit<AuditEntry, "id" | "at">): Promise<void> {
    await this.stores.audit.append({ id: randomUUID(), at: this.now(), ...entry });
  }

  private tell(what: AuthChange): void {
    this.known.clear();
    this.changes.emit("changed", what);
  }

  private async byToken(token: string): Promise<Principal | null> {
    const claims = await this.tokens.verify(token, this.now());
    if (!claims) return null;
    const [user, active] = await Promise.all([
      this.stores.users.get(claims.userId),
      this.stores.sessions.isActive(claims.familyId, this.now()),
    ]);
    if (!active || !user?.active || user.tokenVersion !== claims.version) return null;
    return this.principalOf(user, claims.familyId);
  }

  private async bySession(secret: string): Promise<Principal | null> {
    const session = await this.logins.find(secret, ["dashboard"]);
    if (!session) return null;
    const user = await this.stores.users.get(session.userId);
    if (!user?.active) return null;
    if (this.isDue(session.id)) await this.stores.sessions.touch(session.id, this.now());
    return this.principalOf(user, session.familyId);
  }

  private async byKey(key: string): Promise<Principal | null> {
    const hash = hashOf(key);
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
}

function principalOfKey(id: string, name: string, scopes: readonly string[]): Principal {
  const known = scopes.filter((scope): scope is Scope =>
    (SCOPES as readonly string[]).includes(scope),
  );
  const permissions = new Set<Permission>(known.flatMap((scope) => SCOPE_PERMISSIONS[scope]));
  return { kind: "key", id, name, role: null, permissions, credentialId: id };
}
