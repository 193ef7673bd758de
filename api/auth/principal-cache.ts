import { createHash } from "node:crypto";
import type { Principal } from "./permissions";

/**
 * How long an answer may be used again, in milliseconds. What this process changes
 * counts at once; what another changes in the database, after this long.
 */
const FRESH_MS = 1_000;
const MOST = 5_000;

/**
 * Remembers for a moment whom a credential belongs to, so that a hundred requests a
 * second of one key do not each ask the database. Refusals are not remembered.
 */
export class PrincipalCache {
  private readonly entries = new Map<string, { principal: Principal; until: number }>();
  private generation = 0;

  constructor(private readonly now: () => number) {}

  /** What `find` says of a credential, or said a moment ago. */
  async get(credential: string, find: () => Promise<Principal | null>): Promise<Principal | null> {
    const key = createHash("sha256").update(credential).digest("base64");
    const entry = this.entries.get(key);
    if (entry && entry.until > this.now()) return entry.principal;
    this.entries.delete(key);
    const { generation } = this;
    const principal = await find();
    // A change that came while we asked may have made the answer wrong.
    if (principal && generation === this.generation) this.put(key, principal);
    return principal;
  }

  clear(): void {
    this.generation += 1;
    this.entries.clear();
  }

  private put(key: string, principal: Principal): void {
    if (this.entries.size >= MOST) this.entries.clear();
    this.entries.set(key, { principal, until: this.now() + FRESH_MS });
  }
}
