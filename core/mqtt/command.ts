import type { BarrierCommandName } from "../messages";

const ACTIONS = ["open", "close", "hold", "release", "lock", "unlock"] as const;

/** A command is obeyed for so long after the time that it names (ms). */
export const COMMAND_MAX_AGE_MS = 30_000;
/** A clock that is ahead of ours by more than this is wrong (ms). */
const AHEAD_MS = 30_000;
const MAX_LENGTH = 4_096;

/** What a message to `barrier/set` asks for. */
export interface SetCommand {
  action: BarrierCommandName;
  reason: string;
  /** An API key, where one is shown. */
  key: string | null;
  /** An access token, where one is shown. */
  token: string | null;
  /** The sender's own id of it: comes back with the answer; the same again is done once. */
  id: string | null;
}

/**
 * Reads a message: the action alone (`open`, as Home Assistant sends it), or an object
 * `{action, reason?, key? | token?, id?, at?}`.
 * @param now ms since the epoch
 * @throws RangeError saying what is wrong with it
 */
export function parseCommand(payload: string, now: number): SetCommand {
  if (payload.length > MAX_LENGTH) throw new RangeError("the message is too long");
  const text = payload.trim();
  const given = text.startsWith("{") ? objectOf(text) : { action: text };
  const word = typeof given["action"] === "string" ? given["action"].toLowerCase() : "";
  const action = ACTIONS.find((one) => one === word);
  if (!action) throw new RangeError(`the action is one of ${ACTIONS.join(", ")}`);
  checkAge(given["at"], now);
  return {
    action,
    reason: textOf(given["reason"], 300) ?? "by MQTT",
    key: textOf(given["key"], 500),
    token: textOf(given["token"], 4_000),
    id: textOf(given["id"], 64),
  };
}

function objectOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new RangeError("the message is no JSON");
  }
}

/** A command that was kept somewhere on the way must not move anything later. */
function checkAge(at: unknown, now: number): void {
  if (at === undefined || at === null) return;
  const time = typeof at === "string" ? Date.parse(at) : typeof at === "number" ? at : NaN;
  if (Number.isNaN(time)) throw new RangeError("at is a time (ISO 8601, or ms since 1970)");
  if (now - time > COMMAND_MAX_AGE_MS) throw new RangeError("the command is too old");
  if (time - now > AHEAD_MS) throw new RangeError("the command's time is in the future");
}

function textOf(value: unknown, most: number): string | null {
  if (typeof value !== "string" || value === "") return null;
  return value.length <= most ? value : null;
}
