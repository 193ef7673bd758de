import { z } from "zod";
import type { ApiKey } from "../../core/auth/ports";
import { actorOf } from "../auth/actor";
import { SCOPES } from "../auth/permissions";
import { json, operation, type Operation } from "../operations";
import { instant, pageFields, pageSchema, text } from "../schemas";

const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe("how the key begins, to recognise it"),
  scopes: z.array(z.string()),
  created_by: z.string().nullable(),
  created_at: instant,
  expires_at: instant.nullable(),
  last_used_at: instant.nullable().describe("to the minute"),
  revoked_at: instant.nullable(),
});

const newKeySchema = z.strictObject({
  name: text(100).trim().min(1),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .max(SCOPES.length)
    .refine((scopes) => new Set(scopes).size === scopes.length, "a scope stands twice"),
  expires_at: z.iso.datetime({ offset: true }).nullable().default(null),
});

/** A key as the API shows it: never the key itself. */
export function keyView(key: ApiKey): z.input<typeof keySchema> {
  const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    created_by: key.createdBy,
    created_at: new Date(key.createdAt).toISOString(),
    expires_at: time(key.expiresAt),
    last_used_at: time(key.lastUsedAt),
    revoked_at: time(key.revokedAt),
  };
}

const params = z.object({ id: text(128) });

export const keyOperations: Operation[] = [
  operation({
    id: "plategate.api_keys.list",
    permission: "system",
    summary: "API keys, revoked ones too",
    method: "get",
    path: "/api/v1/api_keys",
    input: { query: z.object(pageFields()) },
    replies: { 200: { description: "A page of keys", body: pageSchema(keySchema) } },
    async handle({ services: { auth } }, { query }) {
      const { items, total } = await auth.keys.list(query);
      return json({ items: items.map(keyView), total, ...query });
    },
  }),
  operation({
    id: "plategate.api_keys.create",
    permission: "system",
    summary: "Make an API key; the key itself is shown this once",
    method: "post",
    path: "/api/v1/api_keys",
    input: { body: newKeySchema },
    replies: {
      201: {
        description: "The key; `key` is not kept and never shown again",
        body: keySchema.extend({ key: z.string() }),
      },
    },
    async handle(context, { body: { name, scopes, expires_at } }) {
      const { key, secret } = await context.services.auth.keys.create(
        { name, scopes, expiresAt: expires_at === null ? null : Date.parse(expires_at) },
        actorOf(context),
      );
      return json({ ...keyView(key), key: secret }, 201);
    },
  }),
  operation({
    id: "plategate.api_keys.get",
    permission: "system",
    summary: "One API key",
    method: "get",
    path: "/api/v1/api_keys/:id",
    input: { params },
    replies: { 200: { description: "The key", body: keySchema } },
    handle: async ({ services: { auth } }, { params: { id } }) =>
      json(keyView(await auth.keys.get(id))),
  }),
  operation({
    id: "plategate.api_keys.revoke",
    permission: "system",
    summary: "Revoke an API key; it stays in the list",
    method: "delete",
    path: "/api/v1/api_keys/:id",
    input: { params },
    replies: { 204: { description: "Revoked" } },
    async handle(context, { params: { id } }) {
      await context.services.auth.keys.revoke(id, actorOf(context));
      return { status: 204 };
    },
  }),
];
