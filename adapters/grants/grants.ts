import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Proofs that a message to a barrier was made by who may. A message is plain data
 * that any node, and on some set-ups any browser, can type; so the node that
 * decides (or the API guard that checked a person's right) signs what it allows,
 * and the node that opens checks the signature. The key lives in this process
 * alone, so a grant is worth nothing after a restart.
 */
const key = randomBytes(32);

/** How long a grant is good for, in milliseconds. */
export const GRANT_TTL_MS = 15_000;

/** When the decision that a grant is for was begun, counted by {@link grantMark}. */
export interface GrantSite {
  id: string;
  mark: number;
}

let marks = 0;
/** The mark of each site's last lock-down. */
const voided = new Map<string, number>();

/** A mark to be taken before what a decision depends on is read. */
export function grantMark(): number {
  return ++marks;
}

/** No decision of the site that was begun before now opens anything any more. */
export function voidGrantsOf(siteId: string): void {
  voided.set(siteId, grantMark());
}

export interface GrantClaims {
  /** What is allowed: "open" for a decision, a barrier command's action otherwise. */
  action: string;
  /** The passage or, for a command, the barrier it is for. */
  subject: string;
  actor: string;
  /** Of a decision: a lock-down of its site ends the grant. */
  site?: GrantSite;
}

/** Signs claims; good for {@link GRANT_TTL_MS} from `now` (ms since the epoch). */
export function issueGrant(claims: GrantClaims, now = Date.now()): string {
  const body = Buffer.from(JSON.stringify({ ...claims, exp: now + GRANT_TTL_MS })).toString(
    "base64url",
  );
  return `${body}.${sign(body)}`;
}

/**
 * Checks a grant against what is about to be done.
 * @returns null when it is good, else why not.
 */
export function checkGrant(
  grant: unknown,
  expected: Pick<GrantClaims, "action" | "subject">,
  now = Date.now(),
): string | null {
  if (typeof grant !== "string") return "no grant";
  const [body, signature, rest] = grant.split(".");
  if (!body || !signature || rest !== undefined) return "malformed grant";
  const wanted = Buffer.from(sign(body));
  const given = Buffer.from(signature);
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) return "forged grant";
  const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as GrantClaims & {
    exp: number;
  };
  if (claims.exp < now) return "expired grant";
  if (claims.action !== expected.action || claims.subject !== expected.subject) {
    return "grant for something else";
  }
  const { site } = claims;
  if (site && site.mark <= (voided.get(site.id) ?? 0)) {
    return "decided before the site was locked down";
  }
  return null;
}

function sign(body: string): string {
  return createHmac("sha256", key).update(body).digest("base64url");
}
