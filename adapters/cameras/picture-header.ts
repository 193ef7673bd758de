import { MAX_PIXELS } from "./y4m";

/** Largest picture file that is taken, in bytes. */
export const MAX_PICTURE_BYTES = 32 << 20;
/** A JPEG's end marker may be followed by so many bytes of padding. */
const JPEG_TAIL = 4096;

export interface PictureHeader {
  type: "jpeg" | "png" | "webp";
  width: number;
  height: number;
}

/**
 * Reads type and size out of a picture file's header, before anything decodes it.
 * @throws Error with the reason when it is no whole JPEG, PNG or WebP or too large
 */
export function readPictureHeader(data: Buffer): PictureHeader {
  if (data.length === 0) throw new Error("the picture is empty (0 bytes)");
  if (data.length > MAX_PICTURE_BYTES) {
    throw new Error(`the picture file is too large (${Math.round(data.length / 1e6)} MB)`);
  }
  const header = jpeg(data) ?? png(data) ?? webp(data);
  if (!header) throw new Error("not a JPEG, PNG or WebP picture");
  const { width, height } = header;
  if (!(width > 0) || !(height > 0)) throw new Error("the picture's header is broken");
  if (width * height > MAX_PIXELS) {
    const megapixels = Math.round((width * height) / 1e6);
    throw new Error(`the picture is too large: ${width} x ${height} (${megapixels} megapixels)`);
  }
  return header;
}

function jpeg(data: Buffer): PictureHeader | null {
  if (data[0] !== 0xff || data[1] !== 0xd8) return null;
  const size = jpegSize(data);
  if (!size) throw new Error("the JPEG's header is broken");
  const tail = data.subarray(Math.max(0, data.length - JPEG_TAIL));
  if (tail.lastIndexOf(Buffer.from([0xff, 0xd9])) < 0) throw new Error("the JPEG is cut off");
  return { type: "jpeg", ...size };
}

/** Walks the segments to the start of frame (ITU-T T.81, B.2.2). */
function jpegSize(data: Buffer): { width: number; height: number } | null {
  let at = 2;
  while (at + 9 < data.length) {
    if (data[at] !== 0xff) return null;
    const marker = data[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: data.readUInt16BE(at + 5), width: data.readUInt16BE(at + 7) };
    if (marker === 0xda || marker === 0xd9) return null;
    const standsAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
    at += standsAlone ? 2 : 2 + data.readUInt16BE(at + 2);
  }
  return null;
}

function png(data: Buffer): PictureHeader | null {
  if (data.length < 33 || data.readUInt32BE(0) !== 0x89504e47) return null;
  if (data.lastIndexOf("IEND") < 0) throw new Error("the PNG is cut off");
  return { type: "png", width: data.readUInt32BE(16), height: data.readUInt32BE(20) };
}

function webp(data: Buffer): PictureHeader | null {
  const isWebp = data.length > 30 && data.toString("latin1", 0, 4) === "RIFF";
  if (!isWebp || data.toString("latin1", 8, 12) !== "WEBP") return null;
  if (data.readUInt32LE(4) + 8 > data.length) throw new Error("the WebP is cut off");
  const kind = data.toString("latin1", 12, 16);
  if (kind === "VP8X") {
    return { type: "webp", width: data.readUIntLE(24, 3) + 1, height: data.readUIntLE(27, 3) + 1 };
  }
  if (kind === "VP8L") {
    const bits = data.readUInt32LE(21);
    return { type: "webp", width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  return {
    type: "webp",
    width: data.readUInt16LE(26) & 0x3fff,
    height: data.readUInt16LE(28) & 0x3fff,
  };
}

/** A Buffer's bytes in shared memory. */
export function toShared(data: Buffer): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(data.length);
  new Uint8Array(shared).set(data);
  return shared;
}
