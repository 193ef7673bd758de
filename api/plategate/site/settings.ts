import { z } from "zod";
import {
  AUDIT_SETTING,
  FILES_SETTING,
  RETENTION_SETTING,
} from "../../../adapters/store/retention-job";
import { mergePatch } from "../../../core/config/merge-patch";
import {
  auditDays,
  fileHours,
  retentionPolicy,
  SHORTEST_AUDIT_DAYS,
} from "../../../core/events/retention";
import type { SettingsRepository } from "../../../core/auth/ports";
import { noteChange } from "../../config/audit";
import { finite, patchOf, whole } from "../../config/schemas";
import { REVIEW_SETTING, reviewBelow } from "../../events/review";
import { parseInput } from "../../http/validate";
import { json, operation, type Operation } from "../../operations";

const hours = whole(1, 876_000);
const settingsSchema = z.object({
  retention_hours: z
    .object({ unknown: hours, allowed: hours, denied: hours })
    .describe("how long events are kept: vehicles on no list, let in, turned away"),
  file_hours: hours.describe("how long uploaded videos and exports are kept after their job"),
  audit_days: whole(SHORTEST_AUDIT_DAYS, 36_500).describe("how long the audit log is kept"),
  review_below: finite(0, 1).describe("reads that are less sure wait for a person's review"),
});
type SystemSettings = z.infer<typeof settingsSchema>;

/** What counts now: what is stored, with the defaults for the rest. */
async function current(settings: SettingsRepository): Promise<SystemSettings> {
  return withDefaults({
    retention_hours: await settings.get(RETENTION_SETTING),
    file_hours: await settings.get(FILES_SETTING),
    audit_days: await settings.get(AUDIT_SETTING),
    review_below: await settings.get(REVIEW_SETTING),
  });
}

/** What was taken back, or is no such number, counts with its default. */
function withDefaults(given: { [K in keyof SystemSettings]?: unknown }): SystemSettings {
  return {
    retention_hours: retentionPolicy(given.retention_hours),
    file_hours: fileHours(given.file_hours),
    audit_days: auditDays(given.audit_days),
    review_below: reviewBelow(given.review_below),
  };
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
    const usual = withDefaults(merged);
    const given = {
      ...usual,
      ...merged,
      retention_hours: { ...usual.retention_hours, ...merged.retention_hours },
    };
    const next = parseInput(settingsSchema, given, 422);
    const now = Date.now();
    await settings.set(RETENTION_SETTING, next.retention_hours, now);
    await settings.set(FILES_SETTING, next.file_hours, now);
    await settings.set(AUDIT_SETTING, next.audit_days, now);
    await settings.set(REVIEW_SETTING, next.review_below, now);
    await noteChange(context, "settings.update", "settings", Object.keys(patch));
    return json(await current(settings));
  },
});

export const settingsOperations: Operation[] = [getSettings, changeSettings];
