import { z } from "zod";
import { callerOf } from "../http/caller";
import { parseBody } from "../http/validate";
import { json, type Operation } from "../operations";

export const loginSchema = z.object({
  username: z.string().min(1).max(200),
  password: z.string().min(1).max(1000),
});

/** `POST /auth/token` of reference 2. */
export const token: Operation = {
  id: "engine.token",
  permission: "public",
  summary: "Get an access token for a user name and a password",
  method: "post",
  path: "/auth/token",
  async handle({ request, body, services }) {
    const { username, password } = parseBody(loginSchema, body);
    const user = await services.auth.login(username, password, callerOf(request));
    const { token: value, expiresIn } = await services.auth.accessToken(user);
    return json({ access_token: value, token_type: "bearer", expires_in: expiresIn });
  },
};
