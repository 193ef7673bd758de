import { z } from "zod";
import { issueGrant } from "../../adapters/grants/grants";
import type { BarrierStatus } from "../../core/barrier/ports";
import type { BarrierCommandName } from "../../core/messages";
import { actorOf } from "../auth/actor";
import { ApiError } from "../errors";
import { json, operation } from "../operations";
import { instant, text } from "../schemas";

const ACTIONS = [
  "open",
  "close",
  "hold",
  "release",
  "lock",
  "unlock",
] as const satisfies BarrierCommandName[];

const commandSchema = z.object({
  reason: z.string().trim().min(1, "say why").max(300),
});

const barrierSchema = z.object({
  id: z.string(),
  name: z.string(),
  lane_id: z.string().nullable(),
  state: z.string(),
  locked: z.boolean(),
  held: z.boolean(),
  emergency: z.boolean(),
  trouble: z.string().nullable().describe("why it is in trouble; null where all is well"),
  can_close: z.boolean(),
  inputs: z
    .record(z.string(), z.boolean().nullable())
    .describe("the inputs that are wired; null where what they say is not known"),
});

const outcomeSchema = z.object({
  barrier_id: z.string(),
  command: z.enum(ACTIONS),
  result: z.enum(["done", "refused", "failed", "ignored"]),
  reason: z.string().nullable().describe("why, where it is not done"),
  state: z.string(),
  confirmed_at: instant.nullable().describe("when the device confirmed"),
});

/** The barriers of this machine and their states. */
export const listBarriers = operation({
  id: "plategate.barriers",
  permission: "events.read",
  summary: "Barriers and their states",
  method: "get",
  path: "/api/v1/barriers",
  input: {},
  replies: {
    200: {
      description: "All barriers",
      body: z.object({ items: z.array(barrierSchema), total: z.number().int() }),
    },
  },
  handle({ services }) {
    const items = services.barriers.list().map((barrier) => ({
      id: barrier.id,
      name: barrier.name,
      lane_id: barrier.laneId,
      ...statusView(barrier.status()),
    }));
    return json({ items, total: items.length });
  },
});

function statusView(status: BarrierStatus) {
  const { state, locked, held, emergency, trouble, canClose, inputs, wired } = status;
  return {
    state,
    locked,
    held,
    emergency,
    trouble,
    can_close: canClose,
    inputs: Object.fromEntries(wired.map((name) => [name, inputs[name]])),
  };
}

/** Moves a barrier on a person's word; the barrier reports it to the audit log whatever comes of it. */
export const commandBarrier = operation({
  id: "plategate.barrier_command",
  permission: "barrier.move",
  summary: "Open, close, hold, release, lock or unlock a barrier",
  method: "post",
  path: "/api/v1/barriers/:id/:action",
  input: { params: z.object({ id: text(128), action: z.enum(ACTIONS) }), body: commandSchema },
  replies: {
    200: { description: "Done", body: outcomeSchema },
    409: { description: "Refused, with the reason", body: outcomeSchema },
    502: { description: "The device did not do it", body: outcomeSchema },
  },
  async handle(context, { params, body: { reason } }) {
    const { services } = context;
    const { name: actor, address, requestId } = actorOf(context);
    const { action } = params;
    const barrier = services.barriers.get(params.id);
    if (!barrier) throw ApiError.notFound("There is no such barrier");
    const grant = issueGrant({ action, subject: barrier.id, actor });
    const outcome = await barrier.command({
      action,
      reason,
      actor,
      grant,
      origin: { address, requestId },
    });
    const status = outcome.result === "done" ? 200 : outcome.result === "failed" ? 502 : 409;
    return json(
      {
        barrier_id: outcome.barrierId,
        command: outcome.command,
        result: outcome.result,
        reason: outcome.reason,
        state: outcome.state,
        confirmed_at:
          outcome.confirmedAt === null ? null : new Date(outcome.confirmedAt).toISOString(),
      },
      status,
    );
  },
});
