import type { BarrierState } from "../messages";
import type { BarrierInputs } from "./ports";
import type { Fault, MachineConfig, MachineState, Position } from "./machine-types";

/** The state as people see it: a fault outranks a hold, a hold a lock, a lock the position. */
export function shownState(state: MachineState): BarrierState {
  if (state.fault) return "fault";
  const up = state.position !== "closed" && state.position !== "unknown";
  if (state.output === "held" || ((state.held || state.emergency) && up)) return "held";
  if (state.locked && !up) return "locked";
  return state.position;
}

/** The boom was told to go up (or the output to hold it there). */
export function goingUp(config: MachineConfig, state: MachineState, now: number): void {
  if (state.inputs.opened === true || state.position === "open") {
    arrive(config, state, "open", now);
    return;
  }
  state.position = "opening";
  const seen = config.inputs.includes("opened");
  const fault: Fault | null = seen ? "did_not_open" : null;
  const late = seen ? config.openingMs * 2 + 2_000 : config.openingMs;
  state.positionNext = { at: now + late, to: seen ? "unknown" : "open", fault };
}

/** The boom is going down, by our command, by the operator's timer or as an input says. */
export function goingDown(config: MachineConfig, state: MachineState, now: number): void {
  if (state.inputs.closed === true) {
    arrive(config, state, "closed", now);
    return;
  }
  state.position = "closing";
  const seen = config.inputs.includes("closed");
  const fault: Fault | null = seen ? "did_not_close" : null;
  const late = seen ? config.closingMs * 2 + 2_000 : config.closingMs;
  state.positionNext = { at: now + late, to: seen ? "unknown" : "closed", fault };
}

/** The boom is where `position` says. */
export function arrive(
  config: MachineConfig,
  state: MachineState,
  position: Position,
  now: number,
): void {
  state.position = position;
  state.positionNext = null;
  if (position === "closed") state.autoCloseAt = null;
  if (position !== "open") return;
  const operatorCloses = !config.autoClose && !config.inputs.includes("opened");
  if (operatorCloses && !state.held && !state.emergency) {
    state.positionNext = { at: now + config.openMs, to: "closing", fault: null };
  }
}

/** Takes over what the limit switches say. */
export function followInputs(
  config: MachineConfig,
  state: MachineState,
  inputs: BarrierInputs,
  now: number,
): void {
  const both = inputs.opened === true && inputs.closed === true;
  if (both) {
    state.position = "unknown";
    state.positionNext = null;
    return;
  }
  if (inputs.opened === true) {
    // Already up and told to close: the switch opens a moment after the boom starts.
    if (state.position !== "open" && state.position !== "closing")
      arrive(config, state, "open", now);
  } else if (inputs.closed === true) {
    if (state.position !== "closed" && state.position !== "opening") {
      arrive(config, state, "closed", now);
    }
  } else {
    leaveEnds(config, state, inputs, now);
  }
  clearFaultOf(state, inputs);
}

function leaveEnds(
  config: MachineConfig,
  state: MachineState,
  inputs: BarrierInputs,
  now: number,
): void {
  if (state.position === "open" && inputs.opened === false) goingDown(config, state, now);
  else if (state.position === "closed" && inputs.closed === false) goingUp(config, state, now);
}

/** A boom that arrived after all is no longer late. */
function clearFaultOf(state: MachineState, inputs: BarrierInputs): void {
  const { opened, closed } = inputs;
  if (state.fault === "did_not_open" && (opened === true || closed === false)) state.fault = null;
  if (state.fault === "did_not_close" && (closed === true || opened === false)) state.fault = null;
}

/** Lets time move the boom. Returns the fault that came up by it, if one did. */
export function passTime(config: MachineConfig, state: MachineState, now: number): Fault | null {
  let fault: Fault | null = null;
  while (state.positionNext && state.positionNext.at <= now) {
    const next = state.positionNext;
    state.positionNext = null;
    if (next.fault) {
      state.position = "unknown";
      state.fault ??= next.fault;
      fault = next.fault;
    } else if (next.to === "closing") goingDown(config, state, next.at);
    else fault = arriveByTime(config, state, next.to, next.at) ?? fault;
  }
  return fault;
}

/** Time says that the boom is at `to`; a limit switch that says the opposite is believed. */
function arriveByTime(
  config: MachineConfig,
  state: MachineState,
  to: Position,
  at: number,
): Fault | null {
  const { opened, closed } = state.inputs;
  if (to === "open" && closed === true) {
    arrive(config, state, "closed", at);
    state.fault ??= "did_not_open";
    return "did_not_open";
  }
  if (to === "closed" && opened === true) {
    arrive(config, state, "open", at);
    state.fault ??= "did_not_close";
    return "did_not_close";
  }
  arrive(config, state, to, at);
  return null;
}
