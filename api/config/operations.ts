import { z } from "zod";
import { mergePatch } from "../../core/config/merge-patch";
import { masked, MaskError, unmasked } from "../../core/config/secrets";
import type { Resource, ResourceFields, ResourceKind } from "../../core/config/types";
import type { ResourceRepository } from "../../core/config/ports";
import { StoreError } from "../../core/events/errors";
import { ApiError, type FieldError } from "../errors";
import { parseInput } from "../http/validate";
import { json, operation, type Operation, type OperationContext } from "../operations";
import { pageFields, pageSchema, text } from "../schemas";
import type { ApiServices } from "../services";
import { noteChange } from "./audit";
import type { ConfigKind, Foreign } from "./kind";
import { idSchema, patchOf } from "./schemas";

/** What reference 2 says of a field that breaks a rule. */
const INVALID = "Validation error";

const params = z.object({ id: text(128) });

/** List, create, get, partial update and delete of one kind. */
export function configOperations<K extends ResourceKind>(spec: ConfigKind<K>): Operation[] {
  const { kind, dialect, path, one, rights } = spec;
  const title = one.charAt(0).toUpperCase() + one.slice(1);
  const name = (action: string) => `${dialect}.${kind}.${action}`;
  const at = { params };
  const answer = { description: `The ${one}`, body: spec.reply };
  return [
    operation({
      id: name("list"),
      permission: rights.read,
      summary: `The ${kind} that are configured`,
      method: "get",
      path,
      input: { query: spec.query.extend(pageFields()) },
      replies: { 200: { description: "A page of them", body: pageSchema(spec.reply) } },
      handle: async ({ services }, { query }) => json(await listOf(spec, services, query)),
    }),
    operation({
      id: name("create"),
      permission: rights.create,
      summary: `Add a ${one}`,
      method: "post",
      path,
      input: { body: spec.body.extend({ id: idSchema.optional() }) },
      invalid: INVALID,
      replies: { 201: answer },
      handle: async (context, { body }) => json(await create(spec, context, body), 201),
    }),
    operation({
      id: name("get"),
      permission: rights.read,
      summary: `One ${one}`,
      method: "get",
      path: `${path}/:id`,
      input: at,
      replies: { 200: answer },
      async handle({ services }, { params: { id } }) {
        const found = await repositoryOf(spec, services).get(id);
        if (found) return json(wireOf(spec, found));
        const foreign = await foreignOf(spec, services, id);
        if (foreign && !foreign.unregistered) return json(foreign.wire);
        throw ApiError.notFound(`${title} not found`);
      },
    }),
    operation({
      id: name("update"),
      permission: rights.update,
      summary: `Change fields of a ${one} (merge patch, RFC 7396)`,
      method: spec.method,
      path: `${path}/:id`,
      input: { params, body: patchOf(spec.body) },
      invalid: INVALID,
      replies: { 200: answer },
      async handle(context, { params: { id } }) {
        const changed = await update(spec, context, id);
        if (changed) return json(wireOf(spec, changed));
        await refuseForeign(spec, context.services, id);
        throw ApiError.notFound(`${title} not found`);
      },
    }),
    operation({
      id: name("delete"),
      permission: rights.remove,
      summary: `Delete a ${one}`,
      method: "delete",
      path: `${path}/:id`,
      input: at,
      replies: { 204: { description: "Deleted" } },
      async handle(context, { params: { id } }) {
        const { services } = context;
        await spec.mayRemove?.(id, services);
        if (!(await repositoryOf(spec, services).delete(id))) {
          await refuseForeign(spec, services, id);
          throw ApiError.notFound(`${title} not found`);
        }
        await spec.removed?.(id, services);
        await noteChange(context, `${kind}.delete`, `${kind}:${id}`, []);
        return { status: 204 };
      },
    }),
  ];
}

function repositoryOf<K extends ResourceKind>(
  spec: ConfigKind<K>,
  services: ApiServices,
): ResourceRepository<K> {
  return services.resources[spec.kind];
}

/** One as it travels, without secrets. */
export function wireOf<K extends ResourceKind>(
  spec: ConfigKind<K>,
  resource: Resource<K>,
): Record<string, unknown> {
  return {
    id: resource.id,
    ...masked(spec.view(resource)),
    created_at: new Date(resource.createdAt).toISOString(),
    updated_at: new Date(resource.updatedAt).toISOString(),
  };
}

/** Stored ones, then those that are set up elsewhere: there are few of these. */
async function listOf<K extends ResourceKind>(
  spec: ConfigKind<K>,
  services: ApiServices,
  query: Record<string, unknown>,
) {
  const { skip, limit } = query as { skip: number; limit: number };
  const filter = spec.filter(query);
  const stored = await repositoryOf(spec, services).list(filter, { skip, limit });
  const foreign = ((await spec.foreign?.(services)) ?? []).filter((one) => one.matches(filter));
  const from = Math.max(0, skip - stored.total);
  const rest = foreign.slice(from, from + limit - stored.items.length).map(({ wire }) => wire);
  return {
    items: [...stored.items.map((one) => wireOf(spec, one)), ...rest],
    total: stored.total + foreign.length,
    skip,
    limit,
  };
}

async function create<K extends ResourceKind>(
  spec: ConfigKind<K>,
  context: OperationContext,
  body: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { services } = context;
  const { id = null, ...given } = body as { id?: string };
  const fields = open(given, null) as ResourceFields[K];
  await refuseBroken(spec, fields, services);
  const taken = () =>
    new ApiError(409, "DUPLICATE_RESOURCE", `A ${spec.one} with the id ${id} exists`);
  if (id !== null && (await isManagedElsewhere(spec, services, id))) throw taken();
  let made: Resource<K>;
  try {
    made = await repositoryOf(spec, services).create(id, fields, Date.now());
  } catch (error) {
    if (error instanceof StoreError && error.code === "conflict") throw taken();
    throw error;
  }
  await noteChange(context, `${spec.kind}.create`, `${spec.kind}:${made.id}`, Object.keys(given));
  return wireOf(spec, made);
}

async function update<K extends ResourceKind>(
  spec: ConfigKind<K>,
  context: OperationContext,
  id: string,
): Promise<Resource<K> | null> {
  const { services, body } = context;
  // The schema has checked it; this is the body itself, so that a null is still a null.
  const patch = body as Record<string, unknown>;
  const changed = await repositoryOf(spec, services).update(
    id,
    async ({ fields: before }) => {
      const merged = open(mergePatch(before, patch), before);
      const after = parseInput(spec.body, merged, statusOf(spec), INVALID) as ResourceFields[K];
      spec.mayChange?.(before, after, context);
      await refuseBroken(spec, after, services);
      return after;
    },
    Date.now(),
  );
  if (changed) {
    await noteChange(context, `${spec.kind}.update`, `${spec.kind}:${id}`, Object.keys(patch));
  }
  return changed;
}

/** Fields with the secrets that masks in them stand for. */
function open(fields: unknown, before: unknown): unknown {
  try {
    return unmasked(fields, before);
  } catch (error) {
    if (!(error instanceof MaskError)) throw error;
    throw ApiError.invalid(INVALID, [{ field: error.field, message: error.message }]);
  }
}

async function refuseBroken<K extends ResourceKind>(
  spec: ConfigKind<K>,
  fields: ResourceFields[K],
  services: ApiServices,
): Promise<void> {
  const errors: FieldError[] = (await spec.check?.(fields, services)) ?? [];
  if (errors.length === 0) return;
  throw new ApiError(statusOf(spec), "VALIDATION_ERROR", INVALID, { errors });
}

function statusOf({ dialect }: { dialect: string }): 400 | 422 {
  return dialect === "engine" ? 400 : 422;
}

async function foreignOf<K extends ResourceKind>(
  spec: ConfigKind<K>,
  services: ApiServices,
  id: string,
): Promise<Foreign | undefined> {
  return ((await spec.foreign?.(services)) ?? []).find((one) => one.id === id);
}

async function isManagedElsewhere<K extends ResourceKind>(
  spec: ConfigKind<K>,
  services: ApiServices,
  id: string,
): Promise<boolean> {
  const foreign = await foreignOf(spec, services, id);
  return foreign !== undefined && foreign.unregistered !== true;
}

async function refuseForeign<K extends ResourceKind>(
  spec: ConfigKind<K>,
  services: ApiServices,
  id: string,
): Promise<void> {
  if (!(await isManagedElsewhere(spec, services, id))) return;
  throw new ApiError(
    409,
    "INVALID_REQUEST",
    `This ${spec.one} is not set up by the API: change it where it comes from`,
  );
}
