import type { MachineConfig, MachineState, StaysOpen } from "./machine-types";
import { mayClose, mayRelease, safetyOf, type Safety } from "./safety";
import { closeIfUp, isUp, refuse, unheld, type Step } from "./step";

/**
 * Ends what holds the boom up, refuses the opens of decisions that wait, and closes as
 * soon as that is safe. People may still open: that is theirs to judge.
 */
export function lockDown(at: Step): void {
  const { state } = at;
  if (state.stopped) return;
  const { retry } = state;
  const ofDecision = [...state.queue, retry?.request].filter((one) => one?.passageId != null);
  for (const asked of ofDecision) if (asked) refuse(at, asked, "lock_down");
  state.queue = state.queue.filter(({ passageId }) => passageId === null);
  if (retry?.request?.passageId != null) state.retry = null;
  if (state.inflight && raisesUnasked(state.inflight)) {
    state.inflight = { ...state.inflight, voided: true };
  }
  state.held = false;
  state.emergency = false;
  state.shutting = true;
  unheld(at);
  closeIfUp(at);
}

/** Whether a call raises the boom, and not because a person asked for one open. */
function raisesUnasked({ call, request }: NonNullable<MachineState["inflight"]>): boolean {
  if (call !== "open" && call !== "hold") return false;
  return request?.action !== "open" || request.passageId !== null;
}

/** A call that the lock-down could not stop has ended: what it raised, or may have, comes down. */
export function undoVoided(at: Step): void {
  if (at.state.held || at.state.emergency) return;
  at.state.shutting = true;
  closeIfUp(at);
}

/** Tells once, and again when the reason changes, why a lock-down finds the boom up. */
export function sayStaysOpen(at: Step): void {
  const { config, state, now } = at;
  const { position } = state;
  const mayRise = state.inflight?.voided === true || state.safeAt !== null;
  if (position === "closed" && !mayRise) state.shutting = false;
  const why = state.shutting ? staysOpen(config, state, now) : null;
  if (why !== null && why !== state.staysOpen) {
    at.effects.push({ type: "audit", what: "stays_open", detail: why });
  }
  state.staysOpen = why;
}

const UNSAFE: Record<Safety, StaysOpen | null> = {
  clear: null,
  none: "no_safety_input",
  active: "safety_active",
  unknown: "safety_unknown",
};

/** Why the boom does not come down; null while it does or is about to. */
function staysOpen(config: MachineConfig, state: MachineState, now: number): StaysOpen | null {
  const safety = safetyOf(config, state, now);
  const held = state.output === "held";
  if (!held && !isUp(state)) return null;
  if (state.fault === "device") return "device_failed";
  if (held) return mayRelease(safety) ? null : UNSAFE[safety];
  if (!config.canClose) return "no_close_output";
  // Inputs that are being read afresh are not unknown yet.
  if (state.closing?.asked === false && safety !== "none") return null;
  return mayClose(config, safety) ? null : UNSAFE[safety];
}
