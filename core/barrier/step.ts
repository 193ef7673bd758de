import { arrive } from "./position";
import type {
  BarrierRequest,
  DriveCall,
  MachineConfig,
  MachineEffect,
  MachineState,
  OutcomeReason,
} from "./machine-types";

/** One step under construction: the new state and what it asks of the world. */
export interface Step {
  readonly config: MachineConfig;
  readonly state: MachineState;
  readonly now: number;
  readonly effects: MachineEffect[];
}

/** What is said besides the result. */
interface Reply {
  result: "done" | "refused" | "failed" | "ignored";
  reason?: OutcomeReason;
  detail?: string;
  confirmed?: boolean;
}

/** Answers a request. */
export function reply(at: Step, request: BarrierRequest, answer: Reply): void {
  const { result, reason = null, detail = null, confirmed = false } = answer;
  at.effects.push({ type: "answer", request, result, reason, detail, confirmed });
}

export function refuse(at: Step, request: BarrierRequest, reason: OutcomeReason): void {
  reply(at, request, { result: "refused", reason });
}

/** Starts a driver call. Only when none is under way. */
export function drive(
  at: Step,
  call: DriveCall,
  request: BarrierRequest | null = null,
  attempt = 0,
): void {
  const id = at.state.nextDrive++;
  at.state.inflight = { drive: id, call, request, attempt };
  at.effects.push({ type: "drive", drive: id, call, request });
}

/** Gives up a close, or a release, that has not gone out. */
export function dropClose(at: Step, reason: "emergency" | "superseded"): void {
  const { state } = at;
  if (state.closing?.request) refuse(at, state.closing.request, reason);
  state.closing = null;
  if (state.retry?.call === "close" || state.retry?.call === "release") {
    if (state.retry.request) refuse(at, state.retry.request, reason);
    state.retry = null;
  }
}

/**
 * Somebody asks to raise the boom: a close that is to be tried again lets that be judged
 * first. Our own waits on, since an open that is refused takes nothing from it.
 */
export function yieldClose(at: Step): void {
  const { state, now } = at;
  const { retry } = state;
  if (retry?.call !== "close" && retry?.call !== "release") return;
  if (retry.request) refuse(at, retry.request, "superseded");
  else if (retry.call === "close") state.closing ??= { request: null, since: now, asked: false };
  state.retry = null;
}

/** The boom goes up by somebody's word: what was to bring it down is given up. */
export function raise(at: Step, call: "open" | "hold", request: BarrierRequest, attempt = 0): void {
  keepUp(at);
  drive(at, call, request, attempt);
}

/** A person's word after a lock-down counts, and so does a decision. */
export function keepUp(at: Step): void {
  dropClose(at, "superseded");
  at.state.shutting = false;
}

/** Nobody wants the boom held up any more: its usual times count again. */
export function unheld(at: Step): void {
  const { config, state, now } = at;
  if (state.held || state.emergency) return;
  state.repulseAt = null;
  if (state.output === "held") return; // dropped by settle, as soon as that is safe
  if (state.position === "open") arrive(config, state, "open", now);
  if (config.autoClose && state.position !== "closed") state.autoCloseAt = now;
}

/** Whether the boom is up or on its way there, as far as known. */
export function isUp({ position }: MachineState): boolean {
  return position === "open" || position === "opening";
}

/** Our own close of a boom that is up; it goes out once that is safe. */
export function closeIfUp({ config, state, now }: Step): void {
  if (!isUp(state) || !config.canClose || state.closing) return;
  state.closing = { request: null, since: now, asked: false };
}
