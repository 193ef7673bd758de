import type { BarrierCommandName } from "../messages";
import type { BarrierInputs } from "./ports";

/** How a barrier behaves and what it can do. All times in milliseconds. */
export interface MachineConfig {
  /** How long the open (or close) output is energised. */
  pulseMs: number;
  /** From the pulse until the boom is up. */
  openingMs: number;
  /** How long it stays up before it closes, by the operator's own timer or by `autoClose`. */
  openMs: number;
  /** From the start of closing until the boom is down. */
  closingMs: number;
  /** Further tries after a driver call that failed. */
  retries: number;
  retryDelayMs: number;
  /** An open that could not be carried out within this time is given up, not made late. */
  openDeadlineMs: number;
  /** Inputs older than this count as unknown. */
  inputMaxAgeMs: number;
  /** How long loop and photocell must have been clear before we close by ourselves. */
  clearMs: number;
  /** Inputs that the driver reads. */
  inputs: (keyof BarrierInputs)[];
  canClose: boolean;
  canHold: boolean;
  /** We close after `openMs`; otherwise the operator does. */
  autoClose: boolean;
  /** Close commands are allowed though there is neither a loop nor a photocell. */
  closeWithoutSensors: boolean;
}

export type Position = "closed" | "opening" | "open" | "closing" | "unknown";

/** "device": it does not answer; "reported": its fault input; the others: it did not arrive in time. */
export type Fault = "device" | "reported" | "did_not_open" | "did_not_close";

export type DriveCall = "safe" | "open" | "close" | "hold" | "release";

/** A decision's open or a command, already checked for the right to ask. */
export interface BarrierRequest {
  id: number;
  action: BarrierCommandName;
  /** Null for commands. */
  passageId: string | null;
  /** An emergency open: outranks a lock and a reported fault. */
  override: boolean;
  /** When it was asked, ms since the epoch. */
  at: number;
}

export type MachineEvent =
  | { type: "start" }
  | { type: "stop" }
  | { type: "request"; request: BarrierRequest }
  | { type: "driven"; drive: number; confirmed: boolean }
  | { type: "failed"; drive: number; code: string; detail: string }
  | { type: "inputs"; inputs: BarrierInputs; energised: boolean | null }
  | { type: "inputs-lost"; detail: string }
  | { type: "trouble"; detail: string }
  | { type: "emergency"; active: boolean }
  /** The site is locked down: what holds the boom up lets go, and it closes if that is safe. */
  | { type: "lock-down" }
  | { type: "tick" };

/** Why a request was not carried out; texts for people are in the nodes' locales. */
export type OutcomeReason =
  | "already_opened"
  | "already_closed"
  | "held_open"
  | "not_held"
  | "not_locked"
  | "locked"
  | "emergency"
  | "barrier_fault"
  | "no_close_output"
  | "no_safety_input"
  | "safety_active"
  | "safety_unknown"
  | "too_late"
  | "lock_down"
  | "busy"
  | "stopping"
  | "superseded"
  | "device_failed";

export type MachineEffect =
  | { type: "drive"; drive: number; call: DriveCall; request: BarrierRequest | null }
  /** Read the inputs now. */
  | { type: "read" }
  | {
      type: "answer";
      request: BarrierRequest;
      result: "done" | "refused" | "failed" | "ignored";
      reason: OutcomeReason | null;
      detail: string | null;
      confirmed: boolean;
    }
  | { type: "audit"; what: AuditFact; detail: string };

/** What happened without anybody having asked. */
export type AuditFact =
  | "output_stuck"
  | "hold_lost"
  | "close_aborted"
  | "release_waits"
  /** A lock-down found the boom up and cannot bring it down; the detail says why. */
  | "stays_open"
  | "drive_failed"
  | "did_not_open"
  | "did_not_close";

/** Why a lock-down cannot bring a boom down. */
export type StaysOpen =
  "no_close_output" | "no_safety_input" | "safety_active" | "safety_unknown" | "device_failed";

interface Drive {
  drive: number;
  call: DriveCall;
  request: BarrierRequest | null;
  attempt: number;
  /** A lock-down came while it was under way: it is not tried again, and undone where it worked. */
  voided?: boolean;
}

export interface MachineState {
  started: boolean;
  stopped: boolean;
  position: Position;
  /** What the position becomes by itself, and when. */
  positionNext: { at: number; to: Position; fault: Fault | null } | null;
  locked: boolean;
  held: boolean;
  emergency: boolean;
  /** What we believe of the open output. */
  output: "off" | "pulse" | "held";
  /** "held" is a guess: the device did not confirm it. */
  holdUnsure: boolean;
  /** The running pulse, of the open or the close output. */
  pulse: { call: "open" | "close"; end: number; aborted?: boolean } | null;
  fault: Fault | null;
  inputs: BarrierInputs;
  inputsAt: number | null;
  /** Since when loop and photocell have been known to be clear. */
  clearSince: number | null;
  energisedSince: number | null;
  inflight: Drive | null;
  retry: (Omit<Drive, "drive"> & { at: number }) | null;
  queue: BarrierRequest[];
  /** A close that waits for fresh inputs; without a request it is our own and keeps waiting. */
  closing: { request: BarrierRequest | null; since: number; asked: boolean } | null;
  autoCloseAt: number | null;
  /** When an open is repeated to hold a barrier that knows pulses alone. */
  repulseAt: number | null;
  /** When the output must be dropped, for example after a failure. */
  safeAt: number | null;
  releaseWaits: boolean;
  /** A lock-down wants the boom down and it is not yet. */
  shutting: boolean;
  /** Why it cannot be brought down, where that is so. */
  staysOpen: StaysOpen | null;
  /** The last passages that this barrier opened for, oldest first. */
  passages: readonly string[];
  nextDrive: number;
}

/** A barrier of which nothing is known yet. */
export function initialState(): MachineState {
  return {
    started: false,
    stopped: false,
    position: "unknown",
    positionNext: null,
    locked: false,
    held: false,
    emergency: false,
    output: "off",
    holdUnsure: false,
    pulse: null,
    fault: null,
    inputs: { opened: null, closed: null, loop: null, photocell: null, fault: null },
    inputsAt: null,
    clearSince: null,
    energisedSince: null,
    inflight: null,
    retry: null,
    queue: [],
    closing: null,
    autoCloseAt: null,
    repulseAt: null,
    safeAt: null,
    releaseWaits: false,
    shutting: false,
    staysOpen: null,
    passages: [],
    nextDrive: 1,
  };
}

/** Sensible times for a boom barrier with its own timer. */
export const DEFAULT_CONFIG: MachineConfig = {
  pulseMs: 500,
  openingMs: 3_000,
  openMs: 8_000,
  closingMs: 4_000,
  retries: 2,
  retryDelayMs: 500,
  openDeadlineMs: 10_000,
  inputMaxAgeMs: 2_000,
  clearMs: 1_000,
  inputs: [],
  canClose: false,
  canHold: true,
  autoClose: false,
  closeWithoutSensors: false,
};
