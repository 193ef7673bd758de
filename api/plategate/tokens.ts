import { z } from "zod";
import { grantOf, grantSchema } from "../auth/grant";
import { callerOf } from "../http/caller";
import { json, operation } from "../operations";

const refreshSchema = z.object({ refresh_token: z.string().min(1).max(500) });

/** The next access token, and the next refresh token in place of the one that is handed in. */
export const refresh = operation({
  id: "plategate.refresh",
  permission: "public",
  summary: "Get the next access token for a refresh token; each is good once",
  method: "post",
  path: "/auth/refresh",
  input: { body: refreshSchema },
  replies: { 200: { description: "The next tokens", body: grantSchema } },
  async handle({ request, services: { auth } }, { body }) {
    return json(
      await grantOf(auth, await auth.logins.refresh(body.refresh_token, callerOf(request))),
    );
  },
});

/** Ends the caller's login: its access and refresh tokens are worthless at once. */
export const revoke = operation({
  id: "plategate.token_logout",
  permission: "public",
  summary: "Log out: ends the login of the access token, or of a refresh token in the body",
  method: "post",
  path: "/auth/logout",
  input: { body: refreshSchema.partial() },
  replies: { 204: { description: "Logged out" } },
  async handle({ principal, services: { auth } }, { body }) {
    if (body.refresh_token) await auth.logins.endBySecret(body.refresh_token);
    if (principal.kind === "user" && principal.credentialId) {
      await auth.logins.end(principal.credentialId);
    }
    return { status: 204 };
  },
});
