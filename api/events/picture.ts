import type { Request } from "express";
import { Readable } from "node:stream";
import type { StoredEvent } from "../../core/events/event";
import type { ImageInfo, ImageStore } from "../../core/events/ports";
import { ApiError } from "../errors";
import type { Reply } from "../operations";

/**
 * A picture of an event: the whole, a part (`Range`), or 304 where the caller has it.
 * @throws ApiError 404 where there is none, 416 for a part that it does not have
 */
export async function pictureReply(
  request: Request,
  images: ImageStore,
  event: StoredEvent | null,
  picture: "frame" | "crop",
): Promise<Reply> {
  // a passage's picture may get better until it is final
  const cache = event?.state === "final" ? "private, max-age=86400" : "private, no-cache";
  return storedPicture(request, images, event?.[picture] ?? null, cache);
}

/** A picture of the store. @param cache what browsers may keep of it */
export async function storedPicture(
  request: Request,
  images: ImageStore,
  path: string | null,
  cache: string,
): Promise<Reply> {
  const info = path ? await images.info(path) : null;
  if (!path || !info) throw ApiError.notFound("There is no such picture");
  const headers = {
    ETag: info.etag,
    "Last-Modified": new Date(info.modifiedAt).toUTCString(),
    "Accept-Ranges": "bytes",
    "Cache-Control": cache,
  };
  if (isKnown(request, info)) return { status: 304, headers };
  const range = rangeOf(request, info);
  const image = await images.open(path, range ?? undefined);
  if (!image) throw ApiError.notFound("There is no such picture");
  const stream = Readable.from(image.stream);
  stream.once("close", () => image.cancel());
  return {
    status: range ? 206 : 200,
    headers: {
      ...headers,
      "Content-Type": info.contentType,
      "Content-Length": String(image.end - image.start + 1),
      ...(range ? { "Content-Range": `bytes ${image.start}-${image.end}/${image.size}` } : {}),
    },
    stream,
  };
}

/** RFC 9110: If-None-Match compares weakly, and outranks If-Modified-Since. */
function isKnown({ headers }: Request, info: ImageInfo): boolean {
  const tags = headers["if-none-match"];
  if (tags !== undefined) {
    const bare = (tag: string) => tag.trim().replace(/^W\//, "");
    return tags.split(",").some((tag) => ["*", bare(info.etag)].includes(bare(tag)));
  }
  const since = Date.parse(headers["if-modified-since"] ?? "");
  return since >= Math.floor(info.modifiedAt / 1000) * 1000;
}

/**
 * The one part that is asked for; null for the whole. Several parts at once, and what
 * is not understood, are answered with the whole, as RFC 9110 allows.
 */
function rangeOf(
  { headers }: Request,
  { size, etag }: ImageInfo,
): { start: number; end: number } | null {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range ?? "");
  const [, first = "", last = ""] = found ?? [];
  if (!found || (first === "" && last === "")) return null;
  const condition = headers["if-range"];
  if (condition !== undefined && condition !== etag) return null;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== "" && last !== "" && Number(last) < start) return null;
  if (start > end) {
    throw new ApiError(416, "INVALID_REQUEST", "The picture does not have this part", {
      headers: { "Content-Range": `bytes */${size}` },
    });
  }
  return { start, end };
}
