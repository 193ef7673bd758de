import { createHash } from "node:crypto";

/** A number that a card reader's line carries, as data for whoever drives the controller. */
export interface CardNumber {
  bits: number;
  /** The number without parity, in decimal. */
  number: string;
  /** All bits as they go over the line, parity included. */
  frame: string;
}

/** The numbers that stand for a plate at access controllers. */
export interface CardNumbers {
  /** The low 24 bits of SHA-1 of the plate, as Nedap's readers make them. */
  wiegand26: CardNumber & { facility: number; card: number };
  /** The low 32 bits, with parity over each half: far fewer plates share one. */
  wiegand34: CardNumber & { facility: number; card: number };
  /** The low 64 bits, without parity. */
  wiegand64: CardNumber;
  /** The reply `osdp_RAW` of a reader: format 1 (Wiegand), bit count and bits, left-aligned, in hex. */
  osdp: { format: 1; bits: 26; data: string };
}

/** @param plate normalised */
export function cardNumbers(plate: string): CardNumbers {
  const hash = createHash("sha1").update(plate, "utf8").digest();
  const low = hash.readUIntBE(hash.length - 3, 3);
  const frame = withParity(low.toString(2).padStart(24, "0"));
  const middle = hash.readUInt32BE(hash.length - 4);
  const long = hash.readBigUInt64BE(hash.length - 8);
  const bytes = [0, 8, 16, 24].map((at) => parseInt(frame.slice(at, at + 8).padEnd(8, "0"), 2));
  return {
    wiegand26: {
      ...{ bits: 26, number: String(low), frame },
      ...{ facility: low >> 16, card: low & 0xffff },
    },
    wiegand34: {
      ...{ bits: 34, number: String(middle) },
      frame: withParity(middle.toString(2).padStart(32, "0")),
      ...{ facility: middle >>> 16, card: middle & 0xffff },
    },
    wiegand64: { bits: 64, number: long.toString(), frame: long.toString(2).padStart(64, "0") },
    osdp: { format: 1, bits: 26, data: Buffer.from(bytes).toString("hex") },
  };
}

/** An even number of ones in the first half with its bit, an odd one in the second. */
function withParity(data: string): string {
  const half = data.length / 2;
  return `${ones(data.slice(0, half)) % 2}${data}${1 - (ones(data.slice(half)) % 2)}`;
}

function ones(bits: string): number {
  return [...bits].filter((bit) => bit === "1").length;
}
