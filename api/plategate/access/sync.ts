import { z } from "zod";
import { currentCheck } from "../../../adapters/access/credential-check";
import { cardNumbers } from "../../../core/access/card-numbers";
import { normalisePlate } from "../../../core/plates/normalise";
import { actorOf } from "../../auth/actor";
import { ApiError } from "../../errors";
import { json, operation } from "../../operations";
import { instant, text } from "../../schemas";

const count = z.number().int();

const reportSchema = z.object({
  at: instant,
  wanted: count.describe("vehicles of ours"),
  missing: count.describe("not held there: told again"),
  changed: count.describe("held otherwise: told again"),
  withdrawn: count.describe("told before, no vehicle any more: their access is taken away"),
  foreign: count.describe("credentials there that were never ours: left alone"),
  listed: z.boolean().describe("whether it could list what it holds; else it is told everything"),
  same_numbers: z
    .array(z.array(z.string()))
    .describe("plates whose Wiegand 26 numbers are the same"),
});

/** How the access-control system is kept in step. */
export const readSync = operation({
  id: "plategate.access_sync",
  permission: "system",
  summary: "The access-control system that vehicles are synced to, and the last report",
  method: "get",
  path: "/api/v1/access_sync",
  input: {},
  replies: {
    200: {
      description: "What is known",
      body: z.object({ configured: z.boolean(), report: reportSchema.nullable() }),
    },
  },
  async handle() {
    const sync = currentCheck();
    return json({ configured: sync !== null, report: sync ? await sync.last() : null });
  },
});

/** Compares now what it holds with the vehicles; what differs goes out by the outbox. */
export const reconcile = operation({
  id: "plategate.access_sync_reconcile",
  permission: "system",
  summary: "Compare all credentials with the access-control system, and mend",
  method: "post",
  path: "/api/v1/access_sync/reconcile",
  input: {},
  replies: { 200: { description: "The report", body: reportSchema } },
  async handle(context) {
    const sync = currentCheck();
    if (!sync) throw ApiError.notFound("No access-control system is set (ACCESS_CONTROL_API_URL)");
    try {
      return json(await sync.run(actorOf(context).name));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw ApiError.unavailable(`The access-control system could not be asked: ${reason}`);
    }
  },
});

const cardSchema = z.object({ bits: count, number: z.string(), frame: z.string() });

/** The numbers of a plate for Wiegand and OSDP controllers. */
export const readCardNumbers = operation({
  id: "plategate.card_numbers",
  permission: "lists.write",
  summary: "The card numbers that stand for a plate at access controllers",
  method: "get",
  path: "/api/v1/card_numbers",
  input: {
    query: z.object({
      plate: text(64).refine((plate) => normalisePlate(plate) !== "", "is no plate"),
    }),
  },
  replies: {
    200: {
      description: "The numbers",
      body: z.object({
        plate: z.string(),
        wiegand26: cardSchema.extend({ facility: count, card: count }),
        wiegand34: cardSchema.extend({ facility: count, card: count }),
        wiegand64: cardSchema,
        osdp: z.object({ format: z.literal(1), bits: z.literal(26), data: z.string() }),
      }),
    },
  },
  handle(_context, { query }) {
    const plate = normalisePlate(query.plate);
    return json({ plate, ...cardNumbers(plate) });
  },
});
