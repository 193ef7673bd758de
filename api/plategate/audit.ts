import { z } from "zod";
import type { AuditEntry } from "../../core/auth/ports";
import { endsAfterStart, RANGE_ERROR } from "../events/query";
import { isoTime } from "../events/view";
import { json, operation, type Operation } from "../operations";
import { filterText, instant, pageFields, pageSchema, rangeInput } from "../schemas";

const entrySchema = z.object({
  id: z.string(),
  at: instant,
  actor: z.string(),
  organisation: z.string().nullable(),
  action: z.string(),
  subject: z.string().nullable(),
  purpose: z.string().nullable(),
  result: z.enum(["ok", "refused", "failed"]),
  address: z.string().nullable(),
  request_id: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});

const listAudit = operation({
  id: "plategate.audit",
  permission: "system",
  summary: "The audit log, newest first: look-ups, changes, barrier commands, logins",
  method: "get",
  path: "/api/v1/audit",
  input: {
    query: z
      .object({
        ...pageFields(),
        actor: filterText(255),
        action: filterText(255).describe("exact, or a prefix that ends with a dot"),
        subject: filterText(255).describe('e.g. "plate:AB123" or "event:<id>"'),
        start_date: rangeInput("start"),
        end_date: rangeInput("end"),
      })
      .refine(endsAfterStart, RANGE_ERROR),
  },
  replies: { 200: { description: "A page of the log", body: pageSchema(entrySchema) } },
  async handle({ services }, { query }) {
    const { skip, limit, start_date: from, end_date: to, actor, action, subject } = query;
    await services.store.lookUps.flush();
    const { audit } = await services.store.open();
    const found = await audit.list({ actor, action, subject, from, to }, { skip, limit });
    return json({ items: found.items.map(wire), total: found.total, skip, limit });
  },
});

function wire({ at, requestId, ...entry }: AuditEntry): Record<string, unknown> {
  return { ...entry, at: isoTime(at), request_id: requestId };
}

export const auditOperations: Operation[] = [listAudit];
