import type {
  BarrierCommand,
  BarrierOutcome,
  BarrierState,
  Decision,
  RequestOrigin,
} from "../messages";

/** What a barrier's inputs say; null where there is no such input or it is not known. */
export interface BarrierInputs {
  opened: boolean | null;
  closed: boolean | null;
  /** A vehicle on the loop under the boom: never close. */
  loop: boolean | null;
  /** The light barrier is interrupted: never close. */
  photocell: boolean | null;
  fault: boolean | null;
}

export interface DriverCapabilities {
  /** The device ends the pulse itself, also when we crash. */
  deviceTimedPulse: boolean;
  /** Output can be read back. */
  readBack: boolean;
  /** Inputs that this driver is configured to read. */
  inputs: (keyof BarrierInputs)[];
  close: boolean;
  /** The output can be kept energised; otherwise a hold is made of repeated pulses. Default true. */
  hold?: boolean;
}

/** For whom an open is, for devices that show or store it. */
export interface OpenContext {
  plate: string | null;
  passageId: string | null;
}

/** What a driver says without being asked. */
export type DriverEvent =
  | { type: "status"; energised: boolean | null; inputs: BarrierInputs }
  /** The device is in trouble, for example the end of a pulse could not be sent. */
  | { type: "trouble"; detail: string };

export interface PulseResult {
  /** The device answered as expected. */
  confirmed: boolean;
  /** What it said, for logs; secrets removed. */
  detail: string;
}

/** The thing that moves. Every method rejects with a BarrierError on failure. */
export interface BarrierDriver {
  readonly kind: string;
  readonly capabilities: DriverCapabilities;
  /** Bring the output into its safe (closed, not energised) state; called at start, stop and after failures. */
  safe(): Promise<void>;
  /** Energise the open output for `pulseMs`. Resolves when the device has confirmed the start of the pulse. */
  open(pulseMs: number, context?: OpenContext): Promise<PulseResult>;
  /** Energise the output until `release` (hold open). */
  hold(): Promise<PulseResult>;
  release(): Promise<PulseResult>;
  close(pulseMs: number): Promise<PulseResult>;
  /** Read output and inputs. */
  status(): Promise<{ energised: boolean | null; inputs: BarrierInputs }>;
  /**
   * Reaches the device and looks whether what it is to switch and read exists; moves
   * nothing. Drivers without it are checked by `status`.
   */
  check?(): Promise<void>;
  dispose(): Promise<void>;
  /** Tells the one listener of inputs that change and of trouble; drivers without such news have none. */
  listen?(listener: (event: DriverEvent) => void): void;
}

export class BarrierError extends Error {
  constructor(
    readonly code:
      | "unreachable"
      | "timeout"
      | "refused"
      | "unexpected_answer"
      | "configuration"
      | "forbidden_address",
    message: string,
  ) {
    super(message);
    this.name = "BarrierError";
  }
}

/** What happened at a barrier, for the audit log. Times in ms since the epoch. */
export interface BarrierAudit {
  at: number;
  barrierId: string;
  laneId: string | null;
  /** "request": somebody asked and got `outcome`; "state": it changed; "fact": see `detail`. */
  kind: "request" | "state" | "fact";
  actor: string;
  /** Why it was asked, or what happened. */
  detail: string;
  state: BarrierState;
  outcome: BarrierOutcome | null;
  /** From the decision or command to the device's confirmation, where it confirmed. */
  confirmedAfterMs: number | null;
  /** The request that brought a command. */
  origin?: RequestOrigin;
}

/** What people and the API see of a barrier. */
export interface BarrierStatus {
  id: string;
  name: string;
  laneId: string | null;
  kind: string;
  state: BarrierState;
  locked: boolean;
  held: boolean;
  emergency: boolean;
  /** Null where all is well; else why not, for people. */
  trouble: string | null;
  inputs: BarrierInputs;
  /** Which inputs are wired. */
  wired: (keyof BarrierInputs)[];
  canClose: boolean;
  lastOutcome: BarrierOutcome | null;
  /** From the decision or command to the device's confirmation, of the last open. */
  lastOpenMs: number | null;
}

/** Which barriers people have locked, kept over redeploys and restarts. */
export interface BarrierLocks {
  /** Why the barrier is to be locked from its start, or null. */
  why(id: string): string | null;
  /** @throws Error where it cannot be written down; it counts in this process all the same */
  keep(id: string, locked: boolean): void;
}

/** A barrier as the rest of the program sees it; held in the registry by id. */
export interface BarrierHandle {
  readonly id: string;
  readonly name: string;
  readonly laneId: string | null;
  state(): BarrierState;
  status(): BarrierStatus;
  /**
   * Carries out a command whose grant is good. Never rejects: what went wrong is
   * in the outcome.
   * @param trusted take the command without a grant (a flow whose messages are trusted)
   */
  command(command: BarrierCommand, trusted?: boolean): Promise<BarrierOutcome>;
  /** Opens for a decision whose grant is good, once per passage. */
  openFor(decision: Decision, trusted?: boolean): Promise<BarrierOutcome>;
  /** Emergency open: held up over locks until it ends. For callers that checked the right. */
  emergency(active: boolean, actor: string, reason: string): void;
  /** Lock-down: lets go of a hold and closes if that is safe. For callers that checked the right. */
  lockDown(actor: string, reason: string): void;
}
