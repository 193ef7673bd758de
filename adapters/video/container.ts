/** Bytes at a film's beginning that tell what it is. */
export const CONTAINER_BYTES = 1024;

const TS_PACKETS = [188, 192];

/**
 * ffmpeg's name of the container that a file's first bytes show, null for what is no video
 * that we take. Judged by content alone: a playlist or script that calls itself .mp4 would
 * make ffmpeg open other files and addresses.
 */
export function containerOf(head: Buffer): string | null {
  const ascii = (from: number, to: number): string => head.toString("latin1", from, to);
  if (head.length < 16) return null;
  if (["ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"].includes(ascii(4, 8))) return "mov";
  if (head.readUInt32BE(0) === 0x1a45dfa3) return "matroska";
  if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "AVI ") return "avi";
  if (ascii(0, 4) === "FLV\x01") return "flv";
  if (ascii(0, 4) === "OggS") return "ogg";
  if (head.readUInt32BE(0) === 0x000001ba) return "mpeg";
  if (head.readUInt32BE(0) === 0x3026b275) return "asf";
  return TS_PACKETS.some((size) => isTransportStream(head, size)) ? "mpegts" : null;
}

/** A sync byte at the head of each packet; those of 192 bytes begin with a time of 4 bytes. */
function isTransportStream(head: Buffer, size: number): boolean {
  const first = size - 188;
  if (head.length < first + 2 * size + 1) return false;
  return [0, 1, 2].every((n) => head[first + n * size] === 0x47);
}
