import { createHash } from "node:crypto";

/** Longest part of an event's id that a file name shows. */
const SHOWN = 80;

/**
 * The path of an event's picture below the store: `yyyy/mm/dd/<id>-frame.jpg`, by the
 * day (UTC) of the event. An id that is no plain name is shortened to its harmless
 * characters with a hash of the whole, so that no two ids share a file.
 */
export function imagePath(eventId: string, timestamp: number, kind: "frame" | "crop"): string {
  const day = new Date(timestamp).toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/${fileName(eventId)}-${kind}.jpg`;
}

/**
 * A path as a caller gave it, if it is one that a store could hold.
 * @returns null for absolute paths, "..", ".", empty parts, NUL, backslashes, drive letters
 */
export function safePath(path: string): string | null {
  if (path === "" || path.length > 255) return null;
  const parts = path.split("/");
  const plain = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
  return parts.every((part) => plain.test(part)) ? path : null;
}

function fileName(id: string): string {
  const plain = id.replace(/[^a-z0-9_-]/g, "_");
  if (plain === id && id.length <= SHOWN && id !== "" && !id.startsWith("-")) return id;
  const hash = createHash("sha256").update(id).digest("hex").slice(0, 16);
  return `e${plain.slice(0, SHOWN)}.${hash}`;
}
