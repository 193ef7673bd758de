import type { BarrierState } from "../messages";

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
}

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
  open(pulseMs: number): Promise<PulseResult>;
  /** Energise the output until `release` (hold open). */
  hold(): Promise<PulseResult>;
  release(): Promise<PulseResult>;
  close(pulseMs: number): Promise<PulseResult>;
  /** Read output and inputs. */
  status(): Promise<{ energised: boolean | null; inputs: BarrierInputs }>;
  dispose(): Promise<void>;
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

/** A barrier as the rest of the program sees it; held in the registry by id. */
export interface BarrierHandle {
  id: string;
  name: string;
  laneId: string | null;
  state(): BarrierState;
}
