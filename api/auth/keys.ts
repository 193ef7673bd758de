import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { ApiKey, AuditEntry, PageOf, PageRequest } from "../../core/auth/ports";
import { ApiError } from "../errors";
import { changeBy, requireAll, type Actor } from "./actor";
import { SCOPE_PERMISSIONS, type Scope } from "./permissions";
import type { AuthStores } from "./service";

/** Shown at a key's beginning, so that people and scanners of leaked secrets know it. */
const PREFIX = "pg_";
const SHOWN_CHARACTERS = 8;

export interface NewKey {
  name: string;
  scopes: Scope[];
  /** Milliseconds since the epoch; null = never. */
  expiresAt: number | null;
}

/** API keys: made, shown once, revoked. */
export class KeyAdmin {
  constructor(
    private readonly stores: AuthStores,
    private readonly audit: (entry: Omit<AuditEntry, "id" | "at">) => Promise<void>,
    private readonly changed: () => void,
    private readonly now: () => number,
  ) {}

  list(page: PageRequest): Promise<PageOf<ApiKey>> {
    return this.stores.apiKeys.list(page);
  }

  /** @throws ApiError 404 */
  async get(id: string): Promise<ApiKey> {
    const key = await this.stores.apiKeys.get(id);
    if (!key) throw ApiError.notFound("There is no such key");
    return key;
  }

  /**
   * Makes a key.
   * @returns it with its secret, which is not kept
   * @throws ApiError 403 for scopes above one's own rights, 422 for an end in the past
   */
  async create(wanted: NewKey, actor: Actor): Promise<{ key: ApiKey; secret: string }> {
    requireAll(
      actor,
      wanted.scopes.flatMap((scope) => SCOPE_PERMISSIONS[scope]),
    );
    const now = this.now();
    if (wanted.expiresAt !== null && wanted.expiresAt <= now) {
      throw new ApiError(422, "VALIDATION_ERROR", "The key would have ended already", {
        errors: [{ field: "expires_at", message: "must be in the future" }],
      });
    }
    const secret = PREFIX + randomBytes(32).toString("base64url");
    const key: ApiKey = {
      id: randomUUID(),
      name: wanted.name,
      keyHash: createHash("sha256").update(secret).digest("hex"),
      prefix: secret.slice(0, SHOWN_CHARACTERS),
      scopes: wanted.scopes,
      createdBy: actor.name,
      createdAt: now,
      expiresAt: wanted.expiresAt,
      lastUsedAt: null,
      revokedAt: null,
    };
    await this.stores.apiKeys.create(key);
    await this.audit(
      changeBy(actor, "key.create", `key:${key.id}`, { name: key.name, scopes: key.scopes }),
    );
    return { key, secret };
  }

  /** Ends a key for good; it stays in the list. @throws ApiError 404 */
  async revoke(id: string, actor: Actor): Promise<void> {
    const key = await this.get(id);
    await this.stores.apiKeys.revoke(id, this.now());
    this.changed();
    await this.audit(changeBy(actor, "key.revoke", `key:${id}`, { name: key.name }));
  }
}
