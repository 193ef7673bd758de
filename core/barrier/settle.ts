import { sayStaysOpen } from "./lock-down";
import { handleRequest, openRefusal } from "./requests";
import { mayClose, mayRelease, safetyOf, type Safety } from "./safety";
import { closeIfUp, drive, raise, refuse, unheld, type Step } from "./step";
import type { BarrierRequest, OutcomeReason } from "./machine-types";

/** Starts whatever is due, as long as the driver is idle. */
export function settle(at: Step): void {
  const { state } = at;
  if (state.stopped || !state.started) return;
  abortClose(at);
  if (!state.inflight) dropOutput(at);
  if (!state.inflight && !closeIsOn(at)) retry(at);
  while (!state.inflight && !state.retry && state.queue.length > 0 && !closeIsOn(at)) {
    const asked = state.queue.shift();
    if (asked) handleRequest(at, asked);
  }
  if (!state.inflight && !state.retry) keepHeld(at);
  if (!state.inflight && !state.retry) letGo(at);
  if (!state.inflight && !state.retry) closeWhenSafe(at);
  sayStaysOpen(at);
}

/**
 * Whether an open has to wait because the close output is still on: never both at
 * once. Then the outputs are dropped first, or where that failed, the pulse's end
 * is waited for.
 */
function closeIsOn(at: Step): boolean {
  const { state } = at;
  if (state.pulse?.call !== "close") return false;
  const next = state.retry ? state.retry.request : state.queue[0];
  const call = state.retry?.call ?? next?.action;
  const refused = next ? openRefusal(at, next) !== null : false;
  const wanted = (call === "open" || call === "hold") && !refused;
  if (wanted && !state.inflight && state.safeAt === null) drive(at, "safe");
  return wanted;
}

/** Something came under the boom while the close output is on: drop it at once. */
function abortClose(at: Step): void {
  const { config, state, now } = at;
  if (state.pulse?.call !== "close" || state.pulse.aborted) return;
  const safety = safetyOf(config, state, now);
  if (safety !== "active" && safety !== "unknown") return;
  state.pulse = { ...state.pulse, aborted: true };
  state.safeAt = now;
  at.effects.push({ type: "audit", what: "close_aborted", detail: safety });
}

/** Drops the outputs where that is due: at start, after a failure, when stuck. */
function dropOutput(at: Step): void {
  const { config, state, now } = at;
  if (state.safeAt === null || state.safeAt > now) return;
  if (config.canHold && (state.held || state.emergency)) {
    state.safeAt = null; // it is to be up: keepHeld sees to that
    return;
  }
  if (state.output === "held" && !mayRelease(safetyOf(config, state, now))) {
    // Dropping a hold lets the boom down: letGo does it when nothing is under it.
    state.safeAt = null;
    return;
  }
  drive(at, "safe");
}

function retry(at: Step): void {
  const { config, state, now } = at;
  const due = state.retry;
  if (!due || due.at > now) return;
  state.retry = null;
  const { call, request, attempt } = due;
  const safety = safetyOf(config, state, now);
  if (call === "close" || call === "release") {
    const allowed = call === "close" ? mayClose(config, safety) : mayRelease(safety);
    if (allowed) drive(at, call, request, attempt);
    else if (request) refuse(at, request, safety === "active" ? "safety_active" : "safety_unknown");
    return;
  }
  const refusal = request ? openRefusal(at, request) : null;
  const holding = call === "hold" || request === null;
  const unwanted = holding && !state.held && !state.emergency;
  if (request && refusal) giveUp(at, request, refusal);
  else if (request && unwanted) refuse(at, request, "superseded");
  else if (unwanted) return;
  else if (request && call !== "safe") raise(at, call, request, attempt);
  else drive(at, call, request, attempt);
}

function giveUp(at: Step, request: BarrierRequest, reason: OutcomeReason): void {
  if (request.action === "hold") {
    at.state.held = false;
    unheld(at);
  }
  refuse(at, request, reason);
}

/** Holds the boom up while that is wanted, by the output or by repeated pulses. */
function keepHeld(at: Step): void {
  const { config, state, now } = at;
  if (!state.held && !state.emergency) return;
  // After a failure the next try waits for the output to be dropped.
  if (state.safeAt !== null) return;
  if (state.pulse?.call === "close") {
    drive(at, "safe");
    return;
  }
  if (config.canHold) {
    if (state.output !== "held" || state.holdUnsure) drive(at, "hold");
  } else if (state.repulseAt === null || state.repulseAt <= now) {
    drive(at, "open");
  }
}

/** Drops a hold that is no longer wanted, as soon as nothing is under the boom. */
function letGo(at: Step): void {
  const { config, state, now } = at;
  if (state.output !== "held" || state.held || state.emergency) {
    state.releaseWaits = false;
    return;
  }
  if (state.safeAt !== null) return;
  const safety = safetyOf(config, state, now);
  if (mayRelease(safety)) {
    state.releaseWaits = false;
    drive(at, "release");
  } else if (!state.releaseWaits) {
    state.releaseWaits = true;
    at.effects.push({ type: "audit", what: "release_waits", detail: safety });
  }
}

/** Sends a close once inputs read after it was asked say that it may go. */
function closeWhenSafe(at: Step): void {
  const { config, state, now } = at;
  if (state.autoCloseAt !== null && state.autoCloseAt <= now) {
    state.autoCloseAt = null;
    if (config.canClose && !state.held && !state.emergency) {
      state.closing ??= { request: null, since: now, asked: false };
    }
  }
  const closing = state.closing;
  if (!closing) return;
  if (state.held || state.emergency || state.output === "held") {
    if (closing.request) refuse(at, closing.request, "held_open");
    state.closing = null;
    return;
  }
  if (state.pulse?.call === "open") return; // never both outputs at once
  const safety = safetyOf(config, state, now);
  const fresh =
    safety === "none" ||
    (state.inputsAt !== null && closing.asked && state.inputsAt >= closing.since);
  if (!fresh) {
    if (!closing.asked) {
      state.closing = { ...closing, since: now, asked: true };
      at.effects.push({ type: "read" });
    }
    return;
  }
  judgeClose(at, closing.request, safety);
}

const CLOSE_REFUSED: Record<Safety, OutcomeReason> = {
  clear: "superseded",
  active: "safety_active",
  unknown: "safety_unknown",
  none: "no_safety_input",
};

function judgeClose(at: Step, asked: BarrierRequest | null, safety: Safety): void {
  const { config, state, now } = at;
  if (!mayClose(config, safety)) {
    if (asked) refuse(at, asked, CLOSE_REFUSED[safety]);
    // Our own close keeps waiting for inputs to clear, if there are any.
    if (asked || safety === "none") state.closing = null;
    // a person's close took the place of the lock-down's
    if (state.shutting && safety !== "none") closeIfUp(at);
    return;
  }
  const clearFor = state.clearSince === null ? 0 : now - state.clearSince;
  // Our own close waits until the vehicle has been gone for a moment.
  if (!asked && safety !== "none" && clearFor < config.clearMs) return;
  state.closing = null;
  drive(at, "close", asked);
}
