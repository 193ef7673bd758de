import { actorOf, changeBy } from "../auth/actor";
import type { OperationContext } from "../operations";

/** Who changed which fields of what, in the audit log; the values stay out of it. */
export async function noteChange(
  context: OperationContext,
  action: string,
  subject: string,
  fields: string[],
): Promise<void> {
  const detail = fields.length > 0 ? { fields } : {};
  await context.services.auth.audit(changeBy(actorOf(context), action, subject, detail));
}
