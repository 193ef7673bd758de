import { z } from "zod";
import { actorOf } from "../auth/actor";
import { grantOf, grantSchema } from "../auth/grant";
import { callerOf } from "../http/caller";
import { json, operation, type Operation } from "../operations";
import { newUserSchema, userSchema, userView } from "../plategate/users";
import { pageFields, pageSchema } from "../schemas";

const loginSchema = z
  .object({
    username: z.string().min(1).max(200).optional(),
    email: z.string().min(1).max(200).optional(),
    password: z.string().min(1).max(1000),
  })
  .refine(({ username, email }) => username ?? email, {
    path: ["username"],
    message: "username or email is required",
  });

/** Logins and users of reference 3. */
export const cityUserOperations: Operation[] = [
  operation({
    id: "city.login",
    permission: "public",
    summary: "Log in by username or email and receive a JWT",
    method: "post",
    path: "/api/auth/login",
    input: { body: loginSchema },
    replies: { 200: { description: "An access token", body: grantSchema } },
    async handle({ request, services: { auth } }, { body }) {
      const caller = callerOf(request);
      const login = body.username ?? body.email ?? "";
      const user = await auth.logins.check(login, body.password, caller);
      return json(await grantOf(auth, await auth.logins.start(user, "refresh", caller)));
    },
  }),
  operation({
    id: "city.users.create",
    permission: "system",
    summary: "Create a user",
    method: "post",
    path: "/api/users",
    input: { body: newUserSchema },
    replies: { 201: { description: "The user", body: userSchema } },
    async handle(context, { body: { full_name: fullName, ...body } }) {
      const { users } = context.services.auth;
      return json(userView(await users.create({ ...body, fullName }, actorOf(context))), 201);
    },
  }),
  operation({
    id: "city.users.list",
    permission: "system",
    summary: "List users",
    method: "get",
    path: "/api/users",
    input: { query: z.object(pageFields()) },
    replies: { 200: { description: "A page of users", body: pageSchema(userSchema) } },
    async handle({ services: { auth } }, { query }) {
      const { items, total } = await auth.users.list(query);
      return json({ items: items.map(userView), total, ...query });
    },
  }),
];
