import type { ImageStore } from "../../core/events/ports";

/** A whole picture in memory, null where there is none. */
export async function readPicture(
  images: Pick<ImageStore, "open">,
  path: string,
): Promise<Buffer | null> {
  const found = await images.open(path);
  if (!found) return null;
  const parts: Buffer[] = [];
  for await (const part of found.stream) parts.push(part);
  return Buffer.concat(parts);
}
