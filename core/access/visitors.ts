import { createHash, randomBytes } from "node:crypto";
import { normalisePlate } from "../plates/normalise";
import { findPassCollision } from "./identify";
import type { AccessSnapshot, VisitorPass } from "./types";

/** No 0, O, 1, I, L: a code is read aloud and typed on a telephone. */
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const CODE_LENGTH = 10;

/**
 * A new code for a visitor's link, such as "K7MPQ-2R9XD" (49 bits). Shown once; the pass
 * keeps only its hash.
 */
export function newPassCode(): string {
  let code = "";
  while (code.length < CODE_LENGTH) {
    // A byte beyond the last whole alphabet would make some characters likelier.
    for (const byte of randomBytes(CODE_LENGTH)) {
      if (byte < 248 && code.length < CODE_LENGTH) code += ALPHABET[byte % ALPHABET.length] ?? "";
    }
  }
  return `${code.slice(0, 5)}-${code.slice(5)}`;
}

/** What a pass keeps of its code; spaces, hyphens and lower case make no difference. */
export function hashPassCode(code: string): string {
  const plain = code.toUpperCase().replace(/[^0-9A-Z]/g, "");
  return createHash("sha256").update(`plategate-pass:${plain}`).digest("base64url");
}

export type ClaimRefusal =
  "unknown_code" | "expired" | "used_up" | "already_used" | "no_plate" | "collision";

/**
 * Enters a visitor's plate into the pass that a code belongs to. It may be changed until
 * the first use.
 * @param at milliseconds since the epoch
 * @returns the changed pass, to be saved, or why not
 */
export function claimPass(
  lists: AccessSnapshot,
  code: string,
  writtenPlate: string,
  at: number,
): { pass: VisitorPass } | { refused: ClaimRefusal } {
  const hash = hashPassCode(code);
  const pass = lists.passes.find((known) => known.codeHash === hash && known.status === "active");
  if (!pass) return { refused: "unknown_code" };
  if (pass.validUntil !== null && at > pass.validUntil) return { refused: "expired" };
  if (pass.usesAllowed !== null && pass.used >= pass.usesAllowed) return { refused: "used_up" };
  const plate = normalisePlate(writtenPlate);
  if (plate === "") return { refused: "no_plate" };
  if (pass.used > 0 && pass.plate !== plate) return { refused: "already_used" };
  // A pass for the very plate of a vehicle is fine; one that only looks like it is not.
  if (findPassCollision({ id: pass.id, plate }, lists)) return { refused: "collision" };
  return { pass: { ...pass, plate } };
}
