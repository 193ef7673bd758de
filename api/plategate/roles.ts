import { z } from "zod";
import { actorOf, changeBy, requireAll } from "../auth/actor";
import { PERMISSIONS, ROLES, type Role } from "../auth/permissions";
import type { AuthService } from "../auth/service";
import { json, operation, type Operation } from "../operations";

const rights = z.array(z.enum(PERMISSIONS)).max(PERMISSIONS.length);
const roleSchema = z.object({
  role: z.enum(ROLES),
  permissions: rights.describe("what the role may do here"),
  given: rights.describe("beside the usual"),
  taken: rights.describe("of the usual"),
});

async function roleView(auth: AuthService, role: Role): Promise<z.input<typeof roleSchema>> {
  const change = (await auth.roles.all())[role];
  return { role, permissions: [...(await auth.roles.of(role))], ...change };
}

export const roleOperations: Operation[] = [
  operation({
    id: "plategate.roles.list",
    permission: "system",
    summary: "Roles and their rights",
    method: "get",
    path: "/api/v1/roles",
    input: {},
    replies: {
      200: {
        description: "All roles",
        body: z.object({ items: z.array(roleSchema), total: z.number().int() }),
      },
    },
    async handle({ services: { auth } }) {
      const items = await Promise.all(ROLES.map((role) => roleView(auth, role)));
      return json({ items, total: items.length });
    },
  }),
  operation({
    id: "plategate.roles.update",
    permission: "system",
    summary: "Give single rights to a role, or take them; counts at once",
    method: "patch",
    path: "/api/v1/roles/:role",
    input: {
      params: z.object({ role: z.enum(ROLES) }),
      body: z.strictObject({ given: rights, taken: rights }).partial(),
    },
    replies: { 200: { description: "The role", body: roleSchema } },
    async handle(context, { params: { role }, body }) {
      const { auth } = context.services;
      const actor = actorOf(context);
      const before = (await auth.roles.all())[role];
      const change = { given: body.given ?? before.given, taken: body.taken ?? before.taken };
      requireAll(actor, change.given);
      await auth.roles.set(role, change);
      auth.rightsChanged();
      await auth.audit(changeBy(actor, "role.update", `role:${role}`, { ...change }));
      return json(await roleView(auth, role));
    },
  }),
];
