import { z } from "zod";
import type { OutboxRecord, TargetReport } from "../../core/outbox/types";
import { actorOf, changeBy } from "../auth/actor";
import { ApiError } from "../errors";
import { json, operation, type Operation, type OperationContext } from "../operations";
import { instant, pageFields, pageSchema, text } from "../schemas";

const itemSchema = z.object({
  id: z.string().describe("goes with every try: receivers tell a second delivery by it"),
  target: z.string(),
  lane: z.string(),
  kind: z.string(),
  event_id: z.string().nullable(),
  state: z.enum(["waiting", "done", "dead"]),
  attempts: z.number().int(),
  last_error: z.string().nullable(),
  created_at: instant,
  finished_at: instant.nullable(),
});

const targetSchema = z.object({
  id: z.string(),
  name: z.string().nullable().describe("null where nothing sends to it any more"),
  status: z.enum(["ok", "failing", "gone"]),
  waiting: z.number().int(),
  dead: z.number().int(),
  oldest_at: instant.nullable(),
  failures: z.number().int().describe("tries in a row that failed"),
  failing_since: instant.nullable(),
  last_error: z.string().nullable(),
  last_success_at: instant.nullable(),
  retry_at: instant.nullable(),
  refused: z
    .object({ count: z.number().int(), from: instant, until: instant })
    .nullable()
    .describe("not taken because too many waited"),
});

const listOutbox = operation({
  id: "plategate.outbox",
  permission: "system",
  summary: "What waits to go out, went or was given up, newest first",
  method: "get",
  path: "/api/v1/outbox",
  input: {
    query: z.object({
      ...pageFields(),
      target: text(128).optional(),
      state: z.enum(["waiting", "done", "dead"]).optional(),
    }),
  },
  replies: { 200: { description: "A page of items", body: pageSchema(itemSchema) } },
  async handle({ services }, { query: { target, state, skip, limit } }) {
    const repository = await services.store.outbox.repository();
    const { items, total } = await repository.list({ target, state }, { skip, limit });
    return json({ items: items.map(itemView), total, skip, limit });
  },
});

const listTargets = operation({
  id: "plategate.outbox_targets",
  permission: "system",
  summary: "Where things are sent to, and how each target is doing",
  method: "get",
  path: "/api/v1/outbox/targets",
  input: {},
  replies: {
    200: {
      description: "All targets",
      body: z.object({ items: z.array(targetSchema), total: z.number().int() }),
    },
  },
  async handle({ services }) {
    const { targets } = services.store.outbox.feed;
    const reports = await (await services.store.outbox.repository()).reports();
    const items = reports
      .map((report) => targetView(report, targets.get(report.target)?.name ?? null))
      .filter(({ status, waiting, dead }) => status !== "gone" || waiting + dead > 0);
    return json({ items, total: items.length });
  },
});

const commandTarget = operation({
  id: "plategate.outbox_target_command",
  permission: "system",
  summary:
    "Try a target now, send its dead letters again, or drop them; of a target that is gone, also what waits",
  method: "post",
  path: "/api/v1/outbox/targets/:target/:action",
  input: {
    params: z.object({ target: text(128), action: z.enum(["retry", "resend", "drop"]) }),
  },
  replies: {
    200: { description: "Done", body: z.object({ changed: z.number().int() }) },
  },
  async handle(context, { params: { target, action } }) {
    const { outbox } = context.services.store;
    const repository = await outbox.repository();
    let changed = 0;
    if (action === "resend") changed = await repository.resend({ target });
    if (action === "drop") {
      changed = await repository.drop({ target, state: "dead" });
      // nothing will ever send what waits for what is not there any more
      const gone = !outbox.feed.targets.has(target);
      if (gone) changed += await repository.drop({ target, state: "waiting" });
    }
    if (action !== "drop") outbox.retryNow(target);
    await note(context, `outbox.${action}`, `outbox:${target}`, { changed });
    return json({ changed });
  },
});

const resendItem = operation({
  id: "plategate.outbox_resend",
  permission: "system",
  summary: "Send a dead letter again",
  method: "post",
  path: "/api/v1/outbox/:id/resend",
  input: { params: z.object({ id: text(128) }) },
  replies: { 200: { description: "It waits again", body: itemSchema } },
  async handle(context, { params: { id } }) {
    const { outbox } = context.services.store;
    const repository = await outbox.repository();
    const found = await repository.get(id);
    if (!found) throw ApiError.notFound("There is no such item");
    if ((await repository.resend({ id })) === 0) {
      throw new ApiError(409, "INVALID_REQUEST", "Only a dead letter can be sent again");
    }
    outbox.retryNow(found.target);
    await note(context, "outbox.resend", `outbox:${id}`, {});
    return json(itemView({ ...found, state: "waiting", attempts: 0, finishedAt: null }));
  },
});

const dropItem = operation({
  id: "plategate.outbox_drop",
  permission: "system",
  summary: "Drop an item that waits or is dead",
  method: "delete",
  path: "/api/v1/outbox/:id",
  input: { params: z.object({ id: text(128) }) },
  replies: { 204: { description: "It is dropped" } },
  async handle(context, { params: { id } }) {
    const repository = await context.services.store.outbox.repository();
    if ((await repository.drop({ id })) === 0) {
      throw ApiError.notFound("There is no such item that waits or is dead");
    }
    await note(context, "outbox.drop", `outbox:${id}`, {});
    return { status: 204 };
  },
});

/** What leaves, for people: dead letters can be seen, sent again or dropped. */
export const outboxOperations: Operation[] = [
  listOutbox,
  listTargets,
  commandTarget,
  resendItem,
  dropItem,
];

/** Without its payload, which may name people. */
function itemView(item: OutboxRecord): z.input<typeof itemSchema> {
  return {
    id: item.id,
    target: item.target,
    lane: item.lane,
    kind: item.kind,
    event_id: item.eventId,
    state: item.state,
    attempts: item.attempts,
    last_error: item.lastError,
    created_at: new Date(item.createdAt).toISOString(),
    finished_at: timeOf(item.finishedAt),
  };
}

function targetView(report: TargetReport, name: string | null): z.input<typeof targetSchema> {
  const { refused } = report;
  return {
    id: report.target,
    name,
    status: name === null ? "gone" : report.failures > 0 ? "failing" : "ok",
    waiting: report.waiting,
    dead: report.dead,
    oldest_at: timeOf(report.oldestAt),
    failures: report.failures,
    failing_since: timeOf(report.failingSince),
    last_error: report.lastError,
    last_success_at: timeOf(report.lastSuccessAt),
    retry_at: report.failures > 0 ? timeOf(report.retryAt || null) : null,
    refused: refused && {
      count: refused.count,
      from: new Date(refused.from).toISOString(),
      until: new Date(refused.until).toISOString(),
    },
  };
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

async function note(
  context: OperationContext,
  action: string,
  subject: string,
  detail: Record<string, unknown>,
): Promise<void> {
  await context.services.auth.audit(changeBy(actorOf(context), action, subject, detail));
}
