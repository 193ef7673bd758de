import { z } from "zod";
import { SESSION_KINDS } from "../../core/auth/ports";
import { actorOf } from "../auth/actor";
import { PERMISSIONS, ROLES, type Principal } from "../auth/permissions";
import { ApiError } from "../errors";
import { callerOf } from "../http/caller";
import { json, operation } from "../operations";
import { instant, text } from "../schemas";

const callerSchema = z.object({
  kind: z.enum(["user", "key"]),
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES).nullable(),
  permissions: z.array(z.enum(PERMISSIONS)),
});

/** Who the caller is and what it may do. */
export const whoAmI = operation({
  id: "plategate.me",
  permission: "signed_in",
  summary: "The caller's name, role and rights",
  method: "get",
  path: "/api/v1/me",
  input: {},
  replies: { 200: { description: "The caller", body: callerSchema } },
  handle({ principal }) {
    const { kind, id, name, role, permissions } = principal;
    return json({ kind, id, name, role, permissions: [...permissions] });
  },
});

/** The caller's own password; all of the user's logins end, this one too. */
export const changePassword = operation({
  id: "plategate.me.password",
  permission: "signed_in",
  summary: "Change one's own password; ends all of one's logins",
  method: "post",
  path: "/api/v1/me/password",
  input: {
    body: z.strictObject({
      current_password: z.string().min(1).max(1000),
      new_password: z.string().min(1).max(1000),
    }),
  },
  replies: { 204: { description: "Changed: log in again" } },
  async handle(context, { body }) {
    const { auth } = context.services;
    const { id, name } = userOf(context.principal);
    await auth.logins.check(name, body.current_password, callerOf(context.request));
    await auth.users.update(id, { password: body.new_password }, actorOf(context));
    return { status: 204 };
  },
});

const sessionSchema = z.object({
  id: z.string(),
  kind: z.enum(SESSION_KINDS),
  created_at: instant,
  expires_at: instant,
  address: z.string().nullable(),
  user_agent: z.string().nullable(),
  current: z.boolean().describe("the login of this request"),
});

/** Where the caller is logged in. */
export const listSessions = operation({
  id: "plategate.me.sessions",
  permission: "signed_in",
  summary: "One's own logins",
  method: "get",
  path: "/api/v1/me/sessions",
  input: {},
  replies: {
    200: {
      description: "The logins that are good, newest first",
      body: z.object({ items: z.array(sessionSchema), total: z.number().int() }),
    },
  },
  async handle({ principal, services: { auth } }) {
    const items = (await auth.logins.list(userOf(principal).id)).map((session) => ({
      id: session.familyId,
      kind: session.kind,
      created_at: new Date(session.createdAt).toISOString(),
      expires_at: new Date(session.expiresAt).toISOString(),
      address: session.address,
      user_agent: session.userAgent,
      current: session.familyId === principal.credentialId,
    }));
    return json({ items, total: items.length });
  },
});

/** Ends one of the caller's logins. */
export const endSession = operation({
  id: "plategate.me.session_end",
  permission: "signed_in",
  summary: "End one of one's own logins",
  method: "delete",
  path: "/api/v1/me/sessions/:id",
  input: { params: z.object({ id: text(128) }) },
  replies: { 204: { description: "Ended" } },
  async handle({ principal, services: { auth } }, { params: { id } }) {
    const own = await auth.logins.list(userOf(principal).id);
    if (!own.some(({ familyId }) => familyId === id)) throw ApiError.notFound();
    await auth.logins.end(id);
    return { status: 204 };
  },
});

/** @throws ApiError 403 for a key: it has neither a password nor logins */
function userOf(principal: Principal): Principal {
  if (principal.kind !== "user") throw ApiError.forbidden("Only users have this");
  return principal;
}
