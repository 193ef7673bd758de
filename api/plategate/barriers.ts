import { z } from "zod";
import { issueGrant } from "../../adapters/grants/grants";
import type { BarrierCommandName } from "../../core/messages";
import { ApiError } from "../errors";
import { parseBody } from "../http/validate";
import { json, type Operation } from "../operations";

const ACTIONS: readonly BarrierCommandName[] = [
  "open",
  "close",
  "hold",
  "release",
  "lock",
  "unlock",
];

const commandSchema = z.object({
  reason: z.string().trim().min(1, "say why").max(300),
});

/** The barriers of this machine and their states. */
export const listBarriers: Operation = {
  id: "plategate.barriers",
  permission: "events.read",
  summary: "Barriers and their states",
  method: "get",
  path: "/api/v1/barriers",
  handle({ services }) {
    const items = services.barriers.list().map((barrier) => ({
      id: barrier.id,
      name: barrier.name,
      lane_id: barrier.laneId,
      state: barrier.state(),
    }));
    return json({ items, total: items.length });
  },
};

/** Moves a barrier on a person's word; the barrier reports it to the audit log whatever comes of it. */
export const commandBarrier: Operation = {
  id: "plategate.barrier_command",
  permission: "barrier.move",
  summary: "Open, close, hold, release, lock or unlock a barrier",
  method: "post",
  path: "/api/v1/barriers/:id/:action",
  async handle({ request, body, principal, services }) {
    const action = ACTIONS.find((one) => one === request.params.action);
    const barrier = services.barriers.get(String(request.params.id));
    if (!action) throw ApiError.notFound("There is no such command");
    if (!barrier) throw ApiError.notFound("There is no such barrier");
    const { reason } = parseBody(commandSchema, body);
    const grant = issueGrant({ action, subject: barrier.id, actor: principal.name });
    const outcome = await barrier.command({ action, reason, actor: principal.name, grant });
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
};
