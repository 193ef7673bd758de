import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Decision } from "../../core/messages";
import { steadyNow } from "../clock/steady";

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
/** Grants that have done what they were for, by whom and until when they would count. */
const used = new Map<string, number>();

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
  /** Of a decision: what it says, by {@link aboutOf}; a command's grant opens for none. */
  about?: string;
}

/** What of a decision a barrier goes by: nothing of it may differ from what was signed. */
export function aboutOf(decision: Pick<Decision, "id" | "laneId" | "plate" | "reason">): string {
  const { id, laneId, plate, reason } = decision;
  return JSON.stringify([id, laneId, plate, reason]);
}

/** Signs claims; good for {@link GRANT_TTL_MS} from `now` (ms of {@link steadyNow}). */
export function issueGrant(claims: GrantClaims, now = steadyNow()): string {
  const once = randomBytes(9).toString("base64url");
  const body = Buffer.from(JSON.stringify({ ...claims, once, exp: now + GRANT_TTL_MS })).toString(
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
  expected: Pick<GrantClaims, "action" | "subject" | "about">,
  now = steadyNow(),
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
  if (claims.about !== expected.about) return "changed after it was decided";
  const { site } = claims;
  if (site && site.mark <= (voided.get(site.id) ?? 0)) {
    return "decided before the site was locked down";
  }
  return null;
}

/** Whether this barrier has used the grant already, in this deployment or the one before. */
export function isUsed(grant: string, barrierId: string): boolean {
  return used.has(`${barrierId} ${grant}`);
}

/** The barrier has done what the grant is for: it is good for nothing more there. */
export function markUsed(grant: string, barrierId: string, now = steadyNow()): void {
  for (const [known, until] of used) {
    if (until >= now) break;
    used.delete(known);
  }
  used.set(`${barrierId} ${grant}`, now + GRANT_TTL_MS);
}

function sign(body: string): string {
  return createHmac("sha256", key).update(body).digest("base64url");
}
