import { z } from "zod";
import { callerOf } from "../http/caller";
import { json, operation } from "../operations";

export const loginSchema = z.object({
  username: z.string().min(1).max(200),
  password: z.string().min(1).max(1000),
});

const tokenSchema = z.object({
  access_token: z.string(),
  token_type: z.literal("bearer"),
  expires_in: z.number().int().describe("seconds"),
});

/** `POST /auth/token` of reference 2. */
export const token = operation({
  id: "engine.token",
  permission: "public",
  summary: "Get an access token for a user name and a password",
  method: "post",
  path: "/auth/token",
  input: { body: loginSchema },
  replies: { 200: { description: "An access token", body: tokenSchema } },
  async handle({ request, services }, { body }) {
    const user = await services.auth.login(body.username, body.password, callerOf(request));
    const { token: value, expiresIn } = await services.auth.accessToken(user);
    return json({ access_token: value, token_type: "bearer", expires_in: expiresIn });
  },
});
