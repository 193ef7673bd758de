import { z } from "zod";
import type { User } from "../../core/auth/ports";
import { actorOf } from "../auth/actor";
import { ROLES } from "../auth/permissions";
import { LEAST_PASSWORD, type UserPatch } from "../auth/users";
import { json, operation, type Operation } from "../operations";
import { instant, pageFields, pageSchema, text } from "../schemas";

const name = text(100)
  .trim()
  .min(1)
  .regex(/^[^\s:/@]+$/, "must not hold spaces, colons, slashes or @");
const password = z.string().min(1).max(1000).describe(`${LEAST_PASSWORD} characters or more`);

export const newUserSchema = z.strictObject({
  username: name,
  email: z.email().max(200).nullable().default(null),
  full_name: text(200).nullable().default(null),
  password,
  role: z.enum(ROLES),
});

const patchSchema = z
  .strictObject({
    username: name,
    email: z.email().max(200).nullable(),
    full_name: text(200).nullable(),
    password,
    role: z.enum(ROLES),
    active: z.boolean().describe("false locks the user out at once"),
  })
  .partial();

export const userSchema = z
  .object({
    id: z.string(),
    username: z.string(),
    email: z.string().nullable(),
    full_name: z.string().nullable(),
    role: z.string(),
    active: z.boolean(),
    created_at: instant,
    updated_at: instant,
    last_login_at: instant.nullable(),
  })
  .meta({ id: "User" });

/** A user as the API shows it: never with a password's hash. */
export function userView(user: User): z.input<typeof userSchema> {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    full_name: user.fullName,
    role: user.role,
    active: user.active,
    created_at: new Date(user.createdAt).toISOString(),
    updated_at: new Date(user.updatedAt).toISOString(),
    last_login_at: user.lastLoginAt === null ? null : new Date(user.lastLoginAt).toISOString(),
  };
}

const params = z.object({ id: text(128) });
const answer = { description: "The user", body: userSchema };

export const userOperations: Operation[] = [
  operation({
    id: "plategate.users.list",
    permission: "system",
    summary: "Users",
    method: "get",
    path: "/api/v1/users",
    input: { query: z.object(pageFields()) },
    replies: { 200: { description: "A page of users", body: pageSchema(userSchema) } },
    async handle({ services: { auth } }, { query }) {
      const { items, total } = await auth.users.list(query);
      return json({ items: items.map(userView), total, ...query });
    },
  }),
  operation({
    id: "plategate.users.create",
    permission: "system",
    summary: "Add a user",
    method: "post",
    path: "/api/v1/users",
    input: { body: newUserSchema },
    replies: { 201: answer },
    async handle(context, { body: { full_name: fullName, ...body } }) {
      const user = await context.services.auth.users.create(
        { ...body, fullName },
        actorOf(context),
      );
      return json(userView(user), 201);
    },
  }),
  operation({
    id: "plategate.users.get",
    permission: "system",
    summary: "One user",
    method: "get",
    path: "/api/v1/users/:id",
    input: { params },
    replies: { 200: answer },
    handle: async ({ services: { auth } }, { params: { id } }) =>
      json(userView(await auth.users.get(id))),
  }),
  operation({
    id: "plategate.users.update",
    permission: "system",
    summary: "Change a user (merge patch); a new role, a new password or a lock ends its logins",
    method: "patch",
    path: "/api/v1/users/:id",
    input: { params, body: patchSchema },
    replies: { 200: answer },
    async handle(context, { params: { id }, body: { full_name: fullName, ...body } }) {
      const patch = { ...body, ...(fullName === undefined ? {} : { fullName }) } as UserPatch;
      const user = await context.services.auth.users.update(id, patch, actorOf(context));
      return json(userView(user));
    },
  }),
  operation({
    id: "plategate.users.delete",
    permission: "system",
    summary: "Remove a user; the last admin stays",
    method: "delete",
    path: "/api/v1/users/:id",
    input: { params },
    replies: { 204: { description: "Removed" } },
    async handle(context, { params: { id } }) {
      await context.services.auth.users.remove(id, actorOf(context));
      return { status: 204 };
    },
  }),
];
