import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { cutPicture } from "../../adapters/vision/pictures";
import type { StoredEvent } from "../../core/events/event";
import { ApiError } from "../errors";
import { pictureReply } from "../events/picture";
import { operation, type OperationContext, type Reply } from "../operations";
import { text } from "../schemas";
import { vehicleView } from "./view";

const QUALITY = 85;
/** Larger pictures are not cut for who asks; 20 MB is the most that is taken in. */
const MAX_BYTES = 20 * 1024 * 1024;

/** `GET /outputs/{path}` of reference 5: the picture, its plate, its vehicle. */
export const output = operation({
  id: "galaxy.output",
  permission: "events.read",
  lookUp: "event.picture",
  summary: "Picture of a detection; also without a credential by its signed address",
  method: "get",
  path: "/outputs/:kind(uploaded|plates|vehicles)/:name.jpg",
  input: {
    params: z.object({ kind: z.enum(["uploaded", "plates", "vehicles"]), name: text(128) }),
  },
  replies: { 200: { description: "The picture", contentType: "image/jpeg" } },
  async handle(context, { params }) {
    const { request, services } = context;
    const event = await services.events.get(params.name);
    if (params.kind === "vehicles") return vehicleReply(context, event);
    const picture = params.kind === "uploaded" ? "frame" : "crop";
    return pictureReply(request, services.images, event, picture);
  },
});

/** The vehicle is cut out of the whole picture when it is asked for. */
async function vehicleReply(
  { services }: OperationContext,
  event: StoredEvent | null,
): Promise<Reply> {
  const { box } = vehicleView(event?.vehicleInfo);
  const image = event?.frame ? await services.images.open(event.frame) : null;
  if (!image || !box || image.size > MAX_BYTES) {
    image?.cancel();
    throw ApiError.notFound("There is no such picture");
  }
  const chunks: Buffer[] = [];
  for await (const chunk of image.stream) chunks.push(chunk);
  const { x, y, width, height } = box;
  const body = await cutPicture(Buffer.concat(chunks), [x, y, width, height], QUALITY);
  return {
    status: 200,
    headers: { "Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400" },
    body,
  };
}

const STATIC_TYPES = { "galaxy.html": "text/html; charset=utf-8" } as const;

/** `GET /static/{path}` of reference 5: files that belong to the program, public. */
export const staticFile = operation({
  id: "galaxy.static",
  permission: "public",
  summary: "A file of the program itself",
  method: "get",
  path: "/static/:name",
  input: { params: z.object({ name: text(128) }) },
  replies: { 200: { description: "The file", contentType: "text/html" } },
  async handle(_context, { params }) {
    const { name } = params;
    if (!Object.hasOwn(STATIC_TYPES, name)) throw ApiError.notFound("There is no such file");
    const type = STATIC_TYPES[name as keyof typeof STATIC_TYPES];
    return {
      status: 200,
      headers: {
        "Content-Type": type,
        "Cache-Control": "public, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
      },
      body: await readFile(join(__dirname, "static", name), "utf8"),
    };
  },
});
