import { randomUUID } from "node:crypto";
import { z } from "zod";
import { ApiError } from "../../errors";
import { callerAddress } from "../../http/request";
import { parseBody } from "../../http/validate";
import { json, type Operation, type OperationContext } from "../../operations";
import {
  groups,
  schedules,
  vehicles,
  visitorPasses,
  watchEntries,
  type Judge,
  type Resource,
} from "./resources";
import { checkProblems, fromWire, toWire } from "./wire";

const pageSchema = z.object({
  skip: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(0).max(1000).default(100),
  text: z.string().max(200).optional(),
  status: z.enum(["active", "suspended", "blocked"]).optional(),
  group: z.string().max(64).optional(),
});

/** List, create, read, change and delete for one kind of entry. */
function operationsOf<T extends { id: string }>(resource: Resource<T>): Operation[] {
  const { name, one, form } = resource;
  const base = { permission: "lists.write" as const };
  const path = `/api/v1/${name}`;

  const save = async (
    context: OperationContext,
    before: T | null,
    changed: T,
  ): Promise<Record<string, unknown>> => {
    const { services } = context;
    const judge = await judgeOf(context);
    const entry = resource.normalise(changed, judge.now);
    const warnings = checkProblems(resource.problems(entry, judge));
    resource.conflict?.(entry, judge.lists);
    await resource.repository(services.access).save(entry);
    await note(context, `${name}.${before ? "update" : "create"}`, `${name}:${entry.id}`);
    return { ...toWire(entry, form), ...(warnings.length > 0 ? { warnings } : {}) };
  };

  const found = async ({ request, services }: OperationContext): Promise<T> => {
    const entry = await resource.repository(services.access).get(String(request.params.id));
    if (!entry) throw ApiError.notFound(`There is no such ${one}`);
    return entry;
  };

  return [
    {
      ...base,
      id: `plategate.${name}.list`,
      summary: `The ${one} entries`,
      method: "get",
      path,
      async handle({ request, services }) {
        const { skip, limit, ...given } = parseBody(pageSchema, request.query, 422);
        const { items, total } = await resource.page(services.access, {
          skip,
          limit,
          ...defined(given),
        });
        return json({
          items: items.map((entry) => toWire(entry, form)),
          total,
          skip,
          limit,
        });
      },
    },
    {
      ...base,
      id: `plategate.${name}.create`,
      summary: `Add a ${one}`,
      method: "post",
      path,
      async handle(context) {
        const body = parseList(resource.creation, context.body);
        const blank = resource.blank(randomUUID(), context.principal.name, Date.now());
        return json(await save(context, null, { ...blank, ...fromWire<T>(body, form) }), 201);
      },
    },
    {
      ...base,
      id: `plategate.${name}.get`,
      summary: `One ${one}`,
      method: "get",
      path: `${path}/:id`,
      handle: async (context) => json(toWire(await found(context), form)),
    },
    {
      ...base,
      id: `plategate.${name}.update`,
      summary: `Change fields of a ${one} (merge patch)`,
      method: "patch",
      path: `${path}/:id`,
      async handle(context) {
        const before = await found(context);
        const body = parseList(resource.patch, context.body);
        return json(await save(context, before, { ...before, ...fromWire<T>(body, form) }));
      },
    },
    {
      ...base,
      id: `plategate.${name}.delete`,
      summary: `Delete a ${one}`,
      method: "delete",
      path: `${path}/:id`,
      async handle(context) {
        const entry = await found(context);
        await resource.repository(context.services.access).remove(entry.id);
        await note(context, `${name}.delete`, `${name}:${entry.id}`);
        return { status: 204 };
      },
    },
  ];
}

/** A body by its schema; /api/v1 answers 422 where a rule is broken, 400 only for what is no object. */
function parseList(schema: z.ZodObject, body: unknown): Record<string, unknown> {
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw ApiError.invalid("The body must be a JSON object");
  }
  return parseBody(schema, body, 422);
}

/** The filters that were given. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

async function judgeOf({ services }: OperationContext): Promise<Judge> {
  const lists = await services.access.snapshot();
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { lists, now: Date.now(), site: { timeZone, holidays: lists.settings.holidays } };
}

/** Who changed what, in the audit log; the values themselves stay out of it. */
async function note(context: OperationContext, action: string, subject: string): Promise<void> {
  await context.services.auth.audit({
    actor: context.principal.name,
    organisation: null,
    action,
    subject,
    purpose: null,
    result: "ok",
    address: callerAddress(context.request),
    requestId: context.requestId,
    detail: {},
  });
}

/** The lists of /api/v1: vehicles, groups, schedules, visitor passes, watch and deny entries. */
export const listOperations: Operation[] = [
  ...operationsOf(vehicles),
  ...operationsOf(groups),
  ...operationsOf(schedules),
  ...operationsOf(visitorPasses),
  ...operationsOf(watchEntries),
];
