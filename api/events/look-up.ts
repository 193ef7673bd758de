import type { AuditEntry } from "../../core/auth/ports";
import { normalisePlate } from "../../core/plates/normalise";
import { actorOf } from "../auth/actor";
import type { Operation, OperationContext } from "../operations";

/** Longest purpose that is kept, in characters. */
const MAX_PURPOSE = 500;
/** Parts of a query that say nothing of what was looked for. */
const ASIDE = new Set(["purpose", "signature", "expires", "v"]);

/**
 * A line of the audit log for an operation that shows what is recorded of people:
 * when, who, what was asked, why; null for the other operations.
 */
export function lookUpOf(
  { lookUp }: Pick<Operation, "lookUp">,
  context: Pick<OperationContext, "request" | "principal" | "requestId">,
  result: AuditEntry["result"],
): Omit<AuditEntry, "id" | "at"> | null {
  if (!lookUp) return null;
  const { request, principal } = context;
  const actor = actorOf(context);
  const query = Object.fromEntries(
    Object.entries(request.query).filter(([name]) => !ASIDE.has(name)),
  );
  return {
    actor: principal.kind === "public" ? "public" : actor.name,
    organisation: null,
    action: lookUp,
    subject: subjectOf(context),
    purpose: purposeOf(context),
    result,
    address: actor.address,
    requestId: actor.requestId,
    detail: { path: request.path.slice(0, 500), query },
  };
}

/** Why the caller looks: the header X-Purpose, or `purpose` in the query. */
export function purposeOf({ request }: Pick<OperationContext, "request">): string | null {
  const given = request.get("x-purpose") ?? request.query.purpose;
  if (typeof given !== "string") return null;
  const clean = given.replace(/[\0\p{Surrogate}]/gu, "").trim();
  return clean === "" ? null : clean.slice(0, MAX_PURPOSE);
}

/** The event or the plate that was looked for, where it is one. */
function subjectOf({ request }: Pick<OperationContext, "request">): string | null {
  const { event_id: eventId, id, name, plate } = request.params;
  const event = eventId ?? id ?? name; // a picture of reference 5 is named as its event
  if (event !== undefined) return `event:${event.slice(0, 200)}`;
  const { plate_text: plateText, plate_number: plateNumber, plate: queried } = request.query;
  const text = plate ?? plateText ?? plateNumber ?? queried;
  const normal = typeof text === "string" ? normalisePlate(text) : "";
  return normal === "" ? null : `plate:${normal}`;
}
