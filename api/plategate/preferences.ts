import { z } from "zod";
import { ApiError } from "../errors";
import { json, operation } from "../operations";

/** What a person chose for the dashboard. */
const preferencesSchema = z.strictObject({
  language: z
    .string()
    .regex(/^[a-z]{2}$/, "must be a language code, e.g. th")
    .nullable()
    .optional(),
  theme: z.enum(["auto", "light", "dark"]).nullable().optional(),
});

const nameOf = (userId: string): string => `preferences:${userId}`;

/** What the caller chose for the dashboard, on any device. */
export const getPreferences = operation({
  id: "plategate.preferences",
  permission: "events.read",
  summary: "The caller's choices for the dashboard",
  method: "get",
  path: "/api/v1/me/preferences",
  input: {},
  replies: { 200: { description: "The choices", body: preferencesSchema } },
  async handle({ principal, services }) {
    return json((await services.settings.get(nameOf(principal.id))) ?? {});
  },
});

export const changePreferences = operation({
  id: "plategate.change_preferences",
  permission: "events.read",
  summary: "Change the caller's choices for the dashboard (merge patch)",
  method: "patch",
  path: "/api/v1/me/preferences",
  input: { body: preferencesSchema },
  replies: { 200: { description: "The choices now", body: preferencesSchema } },
  async handle({ principal, services }, { body }) {
    if (principal.kind !== "user") throw ApiError.forbidden("Only people have preferences");
    const name = nameOf(principal.id);
    const before = (await services.settings.get(name)) as object | null;
    const now = Object.fromEntries(
      Object.entries({ ...before, ...body }).filter(([, value]) => value != null),
    );
    await services.settings.set(name, now, Date.now());
    return json(now);
  },
});
