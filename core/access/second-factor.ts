import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import type { FactorKind, FactorToken, LaneRules, Vehicle } from "./types";

/** Small, so that checking a PIN at the gate takes some milliseconds: a PIN has few digits anyway. */
const COST = { N: 1024, r: 8, p: 1 };

/** How a PIN is kept: never as typed. */
export function hashPin(pin: string, salt: Buffer = randomBytes(12)): string {
  const hash = scryptSync(pin.normalize("NFKC"), salt, 24, COST);
  return `scrypt$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

/** Whether a PIN is the one that was hashed. */
export function checkPin(pin: string, stored: string): boolean {
  const [scheme, salt, hash] = stored.split("$");
  if (scheme !== "scrypt" || !salt || !hash) return false;
  const wanted = Buffer.from(stored);
  const given = Buffer.from(hashPin(pin, Buffer.from(salt, "base64url")));
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

/** The number of a tag in one form: letters and digits in upper case, no leading zeros. */
export function normaliseCredential(text: string): string {
  return text
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, "")
    .replace(/^0+(?=.)/, "");
}

export type FactorOutcome =
  { result: "given"; token: FactorToken } | { result: "missing" } | { result: "wrong" };

/**
 * Looks for a second factor that the lane accepts, heard on it within its seconds
 * before the clock. One that fits is enough.
 * @param holder null where only a loop can fit (a visitor's pass has no tag or PIN)
 */
export function checkFactor(
  tokens: readonly FactorToken[],
  holder: Pick<Vehicle, "credentials" | "pin"> | null,
  lane: { laneId: string | null; clock: number; rules: LaneRules },
): FactorOutcome {
  const { secondFactor, secondFactorSeconds } = lane.rules;
  const heard = tokens.filter(
    (token) =>
      secondFactor.includes(token.kind) &&
      isOfLane(token, lane.laneId) &&
      Math.abs(lane.clock - token.at) <= secondFactorSeconds * 1000,
  );
  const token = heard.find((candidate) => fits(candidate, holder));
  if (token) return { result: "given", token };
  return { result: heard.length > 0 ? "wrong" : "missing" };
}

/** A tag or PIN is its vehicle's own wherever it is given; a loop that names no lane could be any lane's car. */
function isOfLane({ kind, laneId }: FactorToken, passageLane: string | null): boolean {
  return laneId === passageLane || (laneId === null && kind !== "loop");
}

function fits(token: FactorToken, holder: Pick<Vehicle, "credentials" | "pin"> | null): boolean {
  if (token.matched !== undefined) return token.matched;
  if (token.kind === "loop") return true;
  if (!holder || token.value === null) return false;
  if (token.kind === "pin") return holder.pin !== null && checkPin(token.value, holder.pin);
  const number = normaliseCredential(token.value);
  return number !== "" && holder.credentials.some((own) => normaliseCredential(own) === number);
}

/** The tokens for the stored trace: whether each was right, never what it was. */
export function redactTokens(
  tokens: readonly FactorToken[],
  holder: Pick<Vehicle, "credentials" | "pin"> | null,
  kinds: readonly FactorKind[],
): FactorToken[] {
  return tokens
    .filter((token) => kinds.includes(token.kind))
    .map((token) => ({ ...token, value: null, matched: fits(token, holder) }));
}
