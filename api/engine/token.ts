import { z } from "zod";
import { grantOf, grantSchema } from "../auth/grant";
import { callerOf } from "../http/caller";
import { json, operation } from "../operations";

export const loginSchema = z.object({
  username: z.string().min(1).max(200).describe("user name or email"),
  password: z.string().min(1).max(1000),
});

/** `POST /auth/token` of reference 2. */
export const token = operation({
  id: "engine.token",
  permission: "public",
  summary: "Get an access token for a user name and a password",
  method: "post",
  path: "/auth/token",
  input: { body: loginSchema },
  replies: { 200: { description: "An access token", body: grantSchema } },
  async handle({ request, services: { auth } }, { body }) {
    const caller = callerOf(request);
    const user = await auth.logins.check(body.username, body.password, caller);
    return json(await grantOf(auth, await auth.logins.start(user, "refresh", caller)));
  },
});
