import { z } from "zod";
import { RETENTION_SETTING } from "../../../adapters/store/retention-job";
import { mergePatch } from "../../../core/config/merge-patch";
import { retentionPolicy } from "../../../core/events/retention";
import type { SettingsRepository } from "../../../core/auth/ports";
import { noteChange } from "../../config/audit";
import { patchOf, whole } from "../../config/schemas";
import { parseInput } from "../../http/validate";
import { json, operation, type Operation } from "../../operations";

const hours = whole(1, 876_000);
const settingsSchema = z.object({
  retention_hours: z
    .object({ unknown: hours, allowed: hours, denied: hours })
    .describe("how long events are kept: vehicles on no list, let in, turned away"),
});
type SystemSettings = z.infer<typeof settingsSchema>;

/** What counts now: what is stored, with the defaults for the rest. */
async function current(settings: SettingsRepository): Promise<SystemSettings> {
  return { retention_hours: retentionPolicy(await settings.get(RETENTION_SETTING)) };
}

const getSettings = operation({
  id: "plategate.settings.get",
  permission: "system",
  summary: "Settings of the system",
  method: "get",
  path: "/api/v1/settings",
  input: {},
  replies: { 200: { description: "The settings that count now", body: settingsSchema } },
  async handle({ services }) {
    const { settings } = await services.store.open();
    return json(await current(settings));
  },
});

const changeSettings = operation({
  id: "plategate.settings.update",
  permission: "system",
  summary: "Change settings of the system (merge patch); null takes the default back",
  method: "patch",
  path: "/api/v1/settings",
  input: { body: patchOf(settingsSchema) },
  replies: { 200: { description: "The settings that count from now on", body: settingsSchema } },
  async handle(context) {
    const { settings } = await context.services.store.open();
    const patch = context.body as Record<string, unknown>;
    const merged = mergePatch(await current(settings), patch) as Partial<SystemSettings>;
    // what was taken back counts with its default
    const retention = retentionPolicy(merged.retention_hours);
    const given = { retention_hours: { ...retention, ...merged.retention_hours } };
    const next = parseInput(settingsSchema, given, 422);
    await settings.set(RETENTION_SETTING, next.retention_hours, Date.now());
    await noteChange(context, "settings.update", "settings", Object.keys(patch));
    return json(await current(settings));
  },
});

export const settingsOperations: Operation[] = [getSettings, changeSettings];
