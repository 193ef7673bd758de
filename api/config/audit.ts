import { callerAddress } from "../http/request";
import type { OperationContext } from "../operations";

/** Who changed which fields of what, in the audit log; the values stay out of it. */
export async function noteChange(
  context: OperationContext,
  action: string,
  subject: string,
  fields: string[],
): Promise<void> {
  await context.services.auth.audit({
    actor: context.principal.name,
    organisation: null,
    action,
    subject,
    purpose: null,
    result: "ok",
    address: callerAddress(context.request),
    requestId: context.requestId,
    detail: fields.length > 0 ? { fields } : {},
  });
}
