import {
  closeIfUp,
  drive,
  dropClose,
  keepUp,
  raise,
  refuse,
  reply,
  unheld,
  type Step,
} from "./step";
import type { BarrierRequest, OutcomeReason } from "./machine-types";

/** Carries out a request, or answers why not. The driver is idle, except for a lock. */
export function handleRequest(at: Step, asked: BarrierRequest): void {
  switch (asked.action) {
    case "open":
      open(at, asked);
      return;
    case "close":
      close(at, asked);
      return;
    case "hold":
      hold(at, asked);
      return;
    case "release":
      release(at, asked);
      return;
    case "lock":
      lock(at, asked);
      return;
    case "unlock":
      if (at.state.locked) reply(at, asked, { result: "done" });
      else reply(at, asked, { result: "ignored", reason: "not_locked" });
      at.state.locked = false;
      return;
  }
}

/** Why an open may not go out now, or null. Asked again before each retry. */
export function openRefusal(at: Step, asked: BarrierRequest): OutcomeReason | null {
  const { config, state, now } = at;
  if (state.locked && !state.emergency && !asked.override) return "locked";
  if (state.fault === "reported" && !state.emergency && !asked.override) return "barrier_fault";
  return now > asked.at + config.openDeadlineMs ? "too_late" : null;
}

function refuseOpen(at: Step, asked: BarrierRequest, reason: OutcomeReason): void {
  reply(at, asked, { result: reason === "too_late" ? "failed" : "refused", reason });
}

/**
 * Answers an open or a hold that cannot be carried out whatever the driver is doing, so
 * that nothing gives way to it. @returns whether it did
 */
export function refuseAtOnce(at: Step, asked: BarrierRequest): boolean {
  if (asked.passageId !== null && at.state.passages.includes(asked.passageId)) {
    reply(at, asked, { result: "ignored", reason: "already_opened" });
    return true;
  }
  const refusal = openRefusal(at, asked);
  if (refusal) refuseOpen(at, asked, refusal);
  return refusal !== null;
}

function open(at: Step, asked: BarrierRequest): void {
  // what has waited is judged again
  if (refuseAtOnce(at, asked)) return;
  if (at.state.output === "held") reply(at, asked, { result: "ignored", reason: "held_open" });
  else raise(at, "open", asked);
}

function close(at: Step, asked: BarrierRequest): void {
  const { config, state } = at;
  if (!config.canClose) refuse(at, asked, "no_close_output");
  else if (state.emergency) refuse(at, asked, "emergency");
  else if (state.held || state.output === "held") refuse(at, asked, "held_open");
  else if (state.inputs.closed === true && state.position === "closed") {
    reply(at, asked, { result: "ignored", reason: "already_closed" });
  } else {
    dropClose(at, "superseded");
    state.closing = { request: asked, since: at.now, asked: false };
  }
}

function hold(at: Step, asked: BarrierRequest): void {
  const { config, state } = at;
  if (refuseAtOnce(at, asked)) return;
  state.held = true;
  state.autoCloseAt = null;
  keepUp(at);
  if (state.output === "held") reply(at, asked, { result: "done" });
  else drive(at, config.canHold ? "hold" : "open", asked);
}

function release(at: Step, asked: BarrierRequest): void {
  const { state } = at;
  if (!state.held) {
    reply(at, asked, { result: "ignored", reason: "not_held" });
    return;
  }
  state.held = false;
  // The output drops (see settle) as soon as nothing is under the boom.
  unheld(at);
  reply(at, asked, { result: "done" });
}

function lock(at: Step, asked: BarrierRequest): void {
  at.state.locked = true;
  at.state.held = false;
  unheld(at);
  closeIfUp(at);
  reply(at, asked, { result: "done" });
}
