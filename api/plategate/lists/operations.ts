import { randomUUID } from "node:crypto";
import { z } from "zod";
import { VEHICLE_STATUSES } from "../../../core/access/types";
import { actorOf, changeBy, nameOf } from "../../auth/actor";
import { ApiError } from "../../errors";
import { originOf } from "../../http/links";
import { json, operation, type Operation, type OperationContext } from "../../operations";
import { pageFields, pageSchema, text } from "../../schemas";
import type { ApiServices } from "../../services";
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

const querySchema = z.object({
  ...pageFields(),
  text: text(200).optional(),
  status: z.enum(VEHICLE_STATUSES).optional(),
  group: text(64).optional(),
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
    const warnings = checkProblems([
      ...resource.problems(entry, judge),
      ...((await resource.asked?.(entry)) ?? []),
    ]);
    resource.conflict?.(entry, judge.lists);
    await resource.repository(services.access).save(entry);
    await note(context, `${name}.${before ? "update" : "create"}`, `${name}:${entry.id}`);
    return { ...toWire(entry, form), ...(warnings.length > 0 ? { warnings } : {}) };
  };

  const found = async (services: ApiServices, id: string): Promise<T> => {
    const entry = await resource.repository(services.access).get(id);
    if (!entry) throw ApiError.notFound(`There is no such ${one}`);
    return entry;
  };
  const params = z.object({ id: text(128) });
  const answer = { description: `The ${one}`, body: resource.reply };

  return [
    operation({
      ...base,
      id: `plategate.${name}.list`,
      summary: `The ${one} entries`,
      method: "get",
      path,
      input: { query: querySchema },
      replies: { 200: { description: "A page of them", body: pageSchema(resource.reply) } },
      async handle({ services }, { query: { skip, limit, ...given } }) {
        const { items, total } = await resource.page(services.access, { skip, limit, ...given });
        return json({ items: items.map((entry) => toWire(entry, form)), total, skip, limit });
      },
    }),
    operation({
      ...base,
      id: `plategate.${name}.create`,
      summary: `Add a ${one}`,
      method: "post",
      path,
      input: { body: resource.creation },
      replies: { 201: { ...answer, body: resource.created ?? resource.reply } },
      async handle(context, { body }) {
        const blank = resource.blank(randomUUID(), nameOf(context.principal), Date.now());
        const { secret, shown } = resource.secret?.(originOf(context.request)) ?? {};
        const entry = {
          ...blank,
          ...fromWire<T>(body, form, context.services.timeZone),
          ...secret,
        };
        return json({ ...(await save(context, null, entry)), ...shown }, 201);
      },
    }),
    operation({
      ...base,
      id: `plategate.${name}.get`,
      summary: `One ${one}`,
      method: "get",
      path: `${path}/:id`,
      input: { params },
      replies: { 200: answer },
      handle: async ({ services }, { params: { id } }) =>
        json(toWire(await found(services, id), form)),
    }),
    operation({
      ...base,
      id: `plategate.${name}.update`,
      summary: `Change fields of a ${one} (merge patch)`,
      method: "patch",
      path: `${path}/:id`,
      input: { params, body: resource.patch },
      replies: { 200: answer },
      async handle(context, { params: { id }, body }) {
        const before = await found(context.services, id);
        const given = fromWire<T>(body, form, context.services.timeZone);
        return json(await save(context, before, { ...before, ...given }));
      },
    }),
    operation({
      ...base,
      id: `plategate.${name}.delete`,
      summary: `Delete a ${one}`,
      method: "delete",
      path: `${path}/:id`,
      input: { params },
      replies: { 204: { description: "Deleted" } },
      async handle(context, { params: { id } }) {
        const entry = await found(context.services, id);
        await resource.inUse?.(entry, context.services.access);
        await resource.repository(context.services.access).remove(entry.id);
        await note(context, `${name}.delete`, `${name}:${entry.id}`);
        return { status: 204 };
      },
    }),
  ];
}

async function judgeOf({ services }: OperationContext): Promise<Judge> {
  const lists = await services.access.snapshot();
  const site = { timeZone: services.timeZone, holidays: lists.settings.holidays };
  return { lists, now: Date.now(), site };
}

/** Who changed what, in the audit log; the values themselves stay out of it. */
async function note(context: OperationContext, action: string, subject: string): Promise<void> {
  await context.services.auth.audit(changeBy(actorOf(context), action, subject));
}

/** The lists of /api/v1: vehicles, groups, schedules, visitor passes, watch and deny entries. */
export const listOperations: Operation[] = [
  ...operationsOf(vehicles),
  ...operationsOf(groups),
  ...operationsOf(schedules),
  ...operationsOf(visitorPasses),
  ...operationsOf(watchEntries),
];
