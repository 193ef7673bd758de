import type { MachineConfig, MachineState } from "./machine-types";

/** What the inputs that protect a vehicle under the boom say. */
export type Safety = "clear" | "active" | "unknown" | "none";

const PROTECTING = ["loop", "photocell"] as const;

/**
 * Judges loop and photocell at `now`. One that is active outweighs one that is
 * unknown; inputs that are not fresh are unknown; "none" where none is configured.
 */
export function safetyOf(config: MachineConfig, state: MachineState, now: number): Safety {
  const wired = PROTECTING.filter((name) => config.inputs.includes(name));
  if (wired.length === 0) return "none";
  if (wired.some((name) => state.inputs[name] === true)) return "active";
  const stale = state.inputsAt === null || now - state.inputsAt > config.inputMaxAgeMs;
  if (stale || wired.some((name) => state.inputs[name] === null)) return "unknown";
  return "clear";
}

/** Whether a close command may go out now. */
export function mayClose(config: MachineConfig, safety: Safety): boolean {
  return safety === "clear" || (safety === "none" && config.closeWithoutSensors);
}

/**
 * Whether the output that holds the boom up may be dropped: with no sensor of our
 * own the operator's safety decides, as at the end of any pulse.
 */
export function mayRelease(safety: Safety): boolean {
  return safety === "clear" || safety === "none";
}
