import { followInputs, goingDown, goingUp, arrive, passTime } from "./position";
import { handleRequest, openRefusal, refuseAtOnce } from "./requests";
import { settle } from "./settle";
import { lockDown, undoVoided } from "./lock-down";
import { closeIfUp, dropClose, refuse, reply, unheld, yieldClose, type Step } from "./step";
import type {
  BarrierRequest,
  DriveCall,
  MachineConfig,
  MachineEffect,
  MachineEvent,
  MachineState,
} from "./machine-types";
import type { BarrierInputs } from "./ports";

/** Requests that may wait while the driver is busy; more are refused. */
const QUEUE_LIMIT = 16;
/** Passages remembered so that a repeated decision opens nothing. */
const PASSAGES_KEPT = 512;
/** An output still energised this long after its pulse is stuck. */
const STUCK_AFTER_MS = 2_000;
/** How long after a failure the output is dropped again, until it works. */
const SAFE_RETRY_MS = 2_000;

/**
 * The barrier as a pure function: the state before, what happened and when, to the
 * state after and what is to be done. At most one driver call is under way at a
 * time. Never asks for a close, or drops a hold, while a configured loop or
 * photocell is active or unknown, except where everything is dropped: at start and
 * at stop.
 * @param now ms since the epoch, never going backwards
 */
export function step(
  config: MachineConfig,
  before: MachineState,
  event: MachineEvent,
  now: number,
): { state: MachineState; effects: MachineEffect[] } {
  const state: MachineState = { ...before, queue: [...before.queue] };
  const at: Step = { config, state, now, effects: [] };
  const late = passTime(config, state, now);
  if (late === "did_not_open" || late === "did_not_close") {
    at.effects.push({ type: "audit", what: late, detail: "" });
  }
  if (state.pulse && state.pulse.end <= now) {
    state.pulse = null;
    if (state.output === "pulse") state.output = "off";
  }
  take(at, event);
  settle(at);
  return { state, effects: at.effects };
}

/**
 * When {@link step} wants its next "tick" (ms since the epoch), or null. What waits
 * for a driver call needs none: the call's end is an event.
 */
export function nextTick(state: MachineState): number | null {
  if (state.stopped) return null;
  const times = [state.positionNext?.at, state.pulse?.end];
  if (!state.inflight) {
    times.push(state.safeAt ?? undefined, state.retry?.at);
    if (!state.retry) times.push(state.autoCloseAt ?? undefined);
    if (!state.retry && state.safeAt === null) times.push(state.repulseAt ?? undefined);
  }
  const known = times.filter((at) => at !== undefined);
  return known.length > 0 ? Math.min(...known) : null;
}

function take(at: Step, event: MachineEvent): void {
  const { state } = at;
  switch (event.type) {
    case "start":
      state.started = true;
      state.safeAt = at.now;
      return;
    case "stop":
      stop(at);
      return;
    case "request":
      request(at, event.request);
      return;
    case "driven":
      driven(at, event.drive, event.confirmed);
      return;
    case "failed":
      failed(at, event);
      return;
    case "inputs":
      inputs(at, event.inputs, event.energised);
      return;
    case "inputs-lost":
      lost(at);
      return;
    case "trouble":
      state.fault ??= "device";
      return;
    case "emergency":
      state.emergency = event.active;
      if (event.active) dropClose(at, "emergency");
      else unheld(at);
      if (event.active) state.shutting = false;
      return;
    case "lock-down":
      lockDown(at);
      return;
    case "tick":
      return;
  }
}

function request(at: Step, asked: BarrierRequest): void {
  const { state } = at;
  if (state.stopped || !state.started) {
    refuse(at, asked, "stopping");
    return;
  }
  if (asked.action === "open" || asked.action === "hold") {
    if (refuseAtOnce(at, asked)) return;
    yieldClose(at);
  }
  // A lock counts from the moment it is asked, also while the driver is busy.
  const immediate = asked.action === "lock" || asked.action === "unlock";
  if (immediate) handleRequest(at, asked);
  else if (state.queue.length >= QUEUE_LIMIT) refuse(at, asked, "busy");
  else state.queue.push(asked);
}

function driven(at: Step, drive: number, confirmed: boolean): void {
  const { config, state, now } = at;
  const done = state.inflight;
  if (done?.drive !== drive) return;
  state.inflight = null;
  if (state.stopped) return;
  if (state.fault === "device") state.fault = null;
  state.holdUnsure = false;
  switch (done.call) {
    case "safe":
      state.output = "off";
      state.pulse = null;
      state.safeAt = null;
      if (state.position === "unknown" && !sees(config)) arrive(config, state, "closed", now);
      else staysOrFalls(at, config.openMs);
      // what did not answer may have gone up all the same
      if (state.shutting) closeIfUp(at);
      break;
    case "open":
      opened(at, done.request);
      break;
    case "hold":
      state.output = "held";
      state.pulse = null;
      goingUp(config, state, now);
      break;
    case "release":
      state.output = "off";
      staysOrFalls(at, 0);
      break;
    case "close":
      state.pulse = { call: "close", end: now + config.pulseMs };
      state.output = "off";
      goingDown(config, state, now);
      break;
  }
  if (done.voided) undoVoided(at);
  if (done.request) reply(at, done.request, { result: "done", confirmed });
}

/**
 * The output fell. Where the operator closes, the boom comes down by itself; where we
 * close, it stays up until our own close, which waits until nothing is under it.
 */
function staysOrFalls(at: Step, closeInMs: number): void {
  const { config, state, now } = at;
  const released = closeInMs === 0;
  const up = state.position !== "closed" && (released || state.position !== "unknown");
  if (config.autoClose && config.canClose) {
    if (!up) return;
    if (!sees(config)) arrive(config, state, "open", now);
    state.autoCloseAt ??= now + closeInMs;
  } else if (released || (state.position !== "closed" && !sees(config))) {
    goingDown(config, state, now);
  }
}

/** Whether limit switches, not time, tell where the boom is. */
function sees(config: MachineConfig): boolean {
  return config.inputs.includes("closed") || config.inputs.includes("opened");
}

function opened(at: Step, asked: BarrierRequest | null): void {
  const { config, state, now } = at;
  state.output = "pulse";
  state.pulse = { call: "open", end: now + config.pulseMs };
  if (asked?.passageId) {
    state.passages = [...state.passages, asked.passageId].slice(-PASSAGES_KEPT);
  }
  // A follower keeps it open longer: the times count from the last open.
  if (state.position === "open") arrive(config, state, "open", now);
  else goingUp(config, state, now);
  if (config.autoClose) state.autoCloseAt = now + config.openingMs + config.openMs;
  if (!config.canHold && (state.held || state.emergency)) {
    state.repulseAt = now + Math.max(config.pulseMs * 2, config.openMs * 0.8);
  }
}

/** Failures that another try cannot mend. */
const FINAL = ["configuration", "refused", "forbidden_address"];

function failed(at: Step, event: { drive: number; code: string; detail: string }): void {
  const { config, state, now } = at;
  const done = state.inflight;
  if (done?.drive !== event.drive) return;
  state.inflight = null;
  if (state.stopped) return;
  const again = now + config.retryDelayMs;
  const inTime = !done.request || again <= done.request.at + config.openDeadlineMs;
  const { call, request: asked, attempt } = done;
  const final = done.voided || FINAL.includes(event.code);
  const mends = call !== "safe" && !final && !overtaken(at, call);
  if (mends && inTime && attempt < config.retries) {
    state.retry = { call, request: asked, attempt: attempt + 1, at: again };
    return;
  }
  if (asked || state.fault !== "device") {
    at.effects.push({ type: "audit", what: "drive_failed", detail: `${call}: ${event.detail}` });
  }
  state.fault = "device";
  // What did not answer may have acted all the same: believe the worst, then drop it.
  if (call === "hold") {
    state.output = "held";
    state.holdUnsure = true;
  }
  if (asked?.action === "hold") {
    state.held = false;
    unheld(at);
  }
  state.safeAt = now + SAFE_RETRY_MS;
  if (done.voided) undoVoided(at);
  if (asked) {
    const why = done.voided
      ? { reason: "lock_down" as const }
      : { reason: "device_failed" as const, detail: event.detail };
    reply(at, asked, { result: "failed", ...why });
  }
}

/** Whether a failed close or release is no longer wanted: somebody wants it up. */
function overtaken(at: Step, call: DriveCall): boolean {
  if (call !== "close" && call !== "release") return false;
  const { held, emergency, queue } = at.state;
  const raise = ["open", "hold"];
  const goes = (asked: BarrierRequest): boolean =>
    raise.includes(asked.action) && openRefusal(at, asked) === null;
  return held || emergency || queue.some(goes);
}

function inputs(at: Step, now: BarrierInputs, energised: boolean | null): void {
  const { config, state } = at;
  // Found open, at start or after a time without inputs: nobody else would close it.
  const found = state.inputsAt === null && now.opened === true && !state.closing;
  if (found && config.autoClose && config.canClose) state.autoCloseAt ??= at.now + config.openMs;
  state.inputs = { ...now };
  state.inputsAt = at.now;
  if (state.fault === "device" && state.safeAt === null) state.fault = null;
  if (now.fault === true) state.fault ??= "reported";
  else if (state.fault === "reported") state.fault = null;
  const wired = (["loop", "photocell"] as const).filter((name) => config.inputs.includes(name));
  const clear = wired.every((name) => now[name] === false);
  state.clearSince = clear ? (state.clearSince ?? at.now) : null;
  followInputs(config, state, now, at.now);
  readBack(at, energised);
}

/** The inputs cannot be read: all unknown, so nothing may close. */
function lost(at: Step): void {
  const { state } = at;
  state.inputs = { opened: null, closed: null, loop: null, photocell: null, fault: null };
  state.inputsAt = null;
  state.clearSince = null;
  state.fault ??= "device";
  if (!state.closing?.asked || !state.closing.request) return;
  refuse(at, state.closing.request, "safety_unknown");
  state.closing = null;
  if (state.shutting) closeIfUp(at);
}

/** Compares what the device says of its output with what we asked of it. */
function readBack(at: Step, energised: boolean | null): void {
  const { state, now } = at;
  const expected = state.output !== "off" || state.pulse !== null || state.inflight !== null;
  if (energised !== true || expected) state.energisedSince = null;
  else state.energisedSince ??= now;
  if (state.energisedSince !== null && now - state.energisedSince >= STUCK_AFTER_MS) {
    state.energisedSince = null;
    if (state.safeAt === null) {
      state.safeAt = now;
      at.effects.push({ type: "audit", what: "output_stuck", detail: "" });
    }
  }
  if (energised === false && state.output === "held" && !state.inflight) {
    state.output = "off";
    at.effects.push({ type: "audit", what: "hold_lost", detail: "" });
  }
}

function stop(at: Step): void {
  const { state } = at;
  const waiting = [...state.queue, state.retry?.request, state.inflight?.request];
  if (state.closing?.request) waiting.push(state.closing.request);
  for (const asked of waiting) if (asked) refuse(at, asked, "stopping");
  Object.assign(state, {
    stopped: true,
    queue: [],
    retry: null,
    closing: null,
    inflight: null,
    positionNext: null,
    held: false,
    emergency: false,
    shutting: false,
    staysOpen: null,
    output: "off",
    pulse: null,
  });
  at.effects.push({ type: "drive", drive: state.nextDrive++, call: "safe", request: null });
}
