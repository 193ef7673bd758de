import { randomUUID } from "node:crypto";
import { z } from "zod";
import { NO_MAIL_SERVER } from "../../adapters/bolo/watch";
import { blankWatchEntry } from "../../core/access/blank";
import { WATCH_PRIORITIES } from "../../core/access/types";
import { watchProblems } from "../../core/access/validate";
import { boloView } from "../../core/bolo/match";
import { nameOf } from "../auth/actor";
import { noteChange } from "../config/audit";
import { json, operation, type Operation } from "../operations";
import { watchTargetProblems } from "../plategate/lists/watch-target";
import { checkProblems } from "../plategate/lists/wire";
import { instant, pageFields, pageSchema, text, timeInput } from "../schemas";

const boloSchema = z.object({
  plate_pattern: text(64).min(1).describe("a plate, or a pattern with * and ?"),
  description: text(2000).nullish(),
  priority: z.enum(WATCH_PRIORITIES).default("normal"),
  webhook_url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .nullish(),
  emails: z.array(z.email()).max(50).default([]),
  expires_at: timeInput.nullish(),
  active: z.boolean().default(true),
});

const replySchema = z.object({
  id: z.string(),
  plate_pattern: z.string(),
  description: z.string().nullable(),
  priority: z.enum(WATCH_PRIORITIES),
  webhook_url: z.string().nullable(),
  emails: z.array(z.string()),
  expires_at: instant.nullable(),
  active: z.boolean(),
  created_at: instant,
});

const madeSchema = replySchema.extend({
  warning: z.string().optional().describe("where its mails cannot be sent"),
});

/** BOLO alerts of reference 3: the watch list in its words. */
export const boloOperations: Operation[] = [
  operation({
    id: "city.bolos.create",
    permission: "lists.write",
    summary: "Watch for a plate or pattern",
    method: "post",
    path: "/api/bolos",
    input: { body: boloSchema },
    replies: { 201: { description: "The entry", body: madeSchema } },
    async handle(context, { body }) {
      const { services, principal } = context;
      const now = Date.now();
      const entry = {
        ...blankWatchEntry(randomUUID(), body.plate_pattern),
        description: body.description ?? null,
        priority: body.priority,
        webhookUrl: body.webhook_url ?? null,
        emails: body.emails,
        expiresAt: body.expires_at ?? null,
        active: body.active,
        createdBy: nameOf(principal),
        createdAt: now,
      };
      checkProblems(
        [...watchProblems(entry, now), ...(await watchTargetProblems(entry))].map((problem) =>
          problem.field === "pattern" ? { ...problem, field: "plate_pattern" } : problem,
        ),
      );
      await services.access.watch.save(entry);
      const { canMail } = await services.store.watchListSeen(); // the very next event counts
      await noteChange(context, "watch_entries.create", `watch_entries:${entry.id}`, []);
      const warns = entry.active && entry.emails.length > 0 && !canMail;
      return json({ ...boloView(entry), ...(warns ? { warning: NO_MAIL_SERVER } : {}) }, 201);
    },
  }),
  operation({
    id: "city.bolos.list",
    permission: "lists.write",
    summary: "What is watched for",
    method: "get",
    path: "/api/bolos",
    input: { query: z.object({ ...pageFields(), active: z.stringbool().optional() }) },
    replies: { 200: { description: "A page of entries", body: pageSchema(replySchema) } },
    async handle({ services }, { query }) {
      const { skip, limit, active } = query;
      const all = (await services.access.watch.list()).filter(
        (entry) => entry.list === "watch" && (active === undefined || entry.active === active),
      );
      const items = all.slice(skip, skip + limit).map(boloView);
      return json({ items, total: all.length, skip, limit });
    },
  }),
];
