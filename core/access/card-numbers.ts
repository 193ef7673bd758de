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
  /** The low 64 bits, without parity. */
  wiegand64: CardNumber;
  /** The reply `osdp_RAW` of a reader: format 1 (Wiegand), bit count and bits, left-aligned, in hex. */
  osdp: { format: 1; bits: 26; data: string };
}

/** @param plate normalised */
export function cardNumbers(plate: string): CardNumbers {
  const hash = createHash("sha1").update(plate, "utf8").digest();
  const low = hash.readUIntBE(hash.length - 3, 3);
  const data = low.toString(2).padStart(24, "0");
  // an even number of ones in the first half with its bit, an odd one in the second
  const frame = `${ones(data.slice(0, 12)) % 2}${data}${1 - (ones(data.slice(12)) % 2)}`;
  const long = hash.readBigUInt64BE(hash.length - 8);
  const bytes = [0, 8, 16, 24].map((at) => parseInt(frame.slice(at, at + 8).padEnd(8, "0"), 2));
  return {
    wiegand26: {
      ...{ bits: 26, number: String(low), frame },
      ...{ facility: low >> 16, card: low & 0xffff },
    },
    wiegand64: { bits: 64, number: long.toString(), frame: long.toString(2).padStart(64, "0") },
    osdp: { format: 1, bits: 26, data: Buffer.from(bytes).toString("hex") },
  };
}

function ones(bits: string): number {
  return [...bits].filter((bit) => bit === "1").length;
}
