import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { ApiError } from "../errors";
import { eventOfIngest, ingestSchema, jpegOf, type IngestBody } from "../events/ingest";
import { pictureReply } from "../events/picture";
import {
  endsAfterStart,
  numberInput,
  placeAndTime,
  placeAndTimeFilter,
  plateFilter,
  RANGE_ERROR,
} from "../events/query";
import { eventView, eventViewSchema, isoTime, pictureLinks } from "../events/view";
import { readMultipart, type MultipartForm } from "../http/multipart";
import { parseInput } from "../http/validate";
import { json, operation, type OperationContext } from "../operations";
import { filterText, instant, pageFields, pageSchema, text } from "../schemas";

const INVALID = "Invalid event data";
/** Largest picture and largest event in bytes (API-DECISIONS, Limits). */
const MAX_PICTURE_BYTES = 20 * 1024 * 1024;
const MAX_EVENT_BYTES = 1024 * 1024;

/** `POST /events/ingest` of reference 2: durable before it is answered. */
export const ingest = operation({
  id: "engine.ingest",
  permission: "ingest",
  summary: "Store an event, with its pictures where it is multipart",
  method: "post",
  path: "/events/ingest",
  input: { body: ingestSchema },
  invalid: INVALID,
  form: {
    fields: z.object({ event: z.string().describe("the JSON body") }),
    files: {
      frame: { description: "the whole picture: JPEG, PNG or WebP", required: false },
      crop: { description: "the plate in it", required: false },
    },
  },
  replies: {
    202: {
      description: "It is stored, or will be when the record is back",
      body: z.object({
        id: z.string(),
        status: z.literal("accepted"),
        timestamp: instant,
        message: z.string(),
      }),
    },
  },
  async handle(context, { body }) {
    const { services, request } = context;
    const given = request.is("multipart/form-data")
      ? await readForm(context)
      : { body, images: { frame: null, crop: null } };
    const event = eventOfIngest(given.body, Date.now());
    const record = { kind: "event", event, images: given.images, once: true } as const;
    const result = await services.store.writer.write(record, "disk");
    if (!result.waiting && !result.changed) {
      throw new ApiError(409, "DUPLICATE_RESOURCE", `Event with ID ${event.id} already exists`);
    }
    const answer = {
      id: event.id,
      status: "accepted",
      timestamp: isoTime(event.timestamp),
      message: "Event queued for processing",
    };
    return json(answer, 202);
  },
});

async function readForm({ request, body }: OperationContext): Promise<{
  body: IngestBody;
  images: { frame: Buffer | null; crop: Buffer | null };
}> {
  const limits = { fileSize: MAX_PICTURE_BYTES, fieldSize: MAX_EVENT_BYTES, files: 3 };
  const form = await readMultipart(request, limits, Buffer.isBuffer(body) ? body : undefined);
  const event = parseInput(ingestSchema, eventPart(form), 400, INVALID);
  const picture = async (field: "frame" | "crop") => {
    const file = form.files.find((one) => one.field === field);
    return file ? jpegOf(field, file.data) : null;
  };
  return { body: event, images: { frame: await picture("frame"), crop: await picture("crop") } };
}

/** The part `event`, as a field or as a file. */
function eventPart(form: MultipartForm): unknown {
  const wrong = (message: string) => ApiError.invalid(INVALID, [{ field: "event", message }]);
  const file = form.files.find((one) => one.field === "event")?.data;
  if (file && !isUtf8(file)) throw wrong("event must be UTF-8");
  const given = form.fields.event ?? file?.toString("utf8");
  if (given === undefined) throw wrong("event is required");
  // a field is decoded already, with this sign where its bytes were broken
  if (given.includes("\uFFFD")) throw wrong("event must be UTF-8");
  try {
    return JSON.parse(given) as unknown;
  } catch {
    throw wrong("event must be JSON");
  }
}

const listSchema = z
  .object({
    ...pageFields(),
    ...placeAndTime,
    plate_text: filterText(128).describe("any part of the plate"),
    min_confidence: numberInput(0, 1),
    sort_by: z.enum(["timestamp", "confidence", "plate_text"]).default("timestamp"),
    sort_order: z.enum(["asc", "desc"]).default("desc"),
  })
  .refine(endsAfterStart, RANGE_ERROR);

/** `GET /events` of reference 2. */
export const listEvents = operation({
  id: "engine.events",
  permission: "events.read",
  lookUp: "event.query",
  summary: "Events, filtered, sorted and paged",
  method: "get",
  path: "/events",
  input: { query: listSchema },
  replies: { 200: { description: "A page of events", body: pageSchema(eventViewSchema) } },
  async handle({ request, services }, { query }) {
    const { skip, limit } = query;
    const plate = plateFilter(query.plate_text);
    if (!plate) return json({ items: [], total: 0, skip, limit });
    const found = await services.events.list(
      {
        ...placeAndTimeFilter(query),
        minConfidence: query.min_confidence,
        ...plate,
      },
      { skip, limit, sortBy: query.sort_by, sortOrder: query.sort_order },
    );
    const link = pictureLinks(request, services.links);
    const items = found.items.map((event) => eventView(event, link));
    const reply = json({ items, total: found.total, skip, limit });
    return found.estimated ? { ...reply, headers: { "X-Total-Estimated": "true" } } : reply;
  },
});

const eventParams = z.object({ event_id: text(128) });

/** `GET /events/{id}` of reference 2. */
export const getEvent = operation({
  id: "engine.event",
  permission: "events.read",
  lookUp: "event.get",
  summary: "One event",
  method: "get",
  path: "/events/:event_id",
  input: { params: eventParams },
  replies: { 200: { description: "The event", body: eventViewSchema } },
  async handle({ request, services }, { params }) {
    const event = await services.events.get(params.event_id);
    if (!event) throw ApiError.notFound("Event not found");
    return json(eventView(event, pictureLinks(request, services.links)));
  },
});

/** Pictures of an event, for who has the right or the signed address. */
export const eventPicture = operation({
  id: "engine.event_picture",
  permission: "events.read",
  lookUp: "event.picture",
  summary: "Picture of an event; also without a credential by its signed address",
  method: "get",
  path: "/events/:event_id/:picture(frame|crop).jpg",
  input: { params: eventParams.extend({ picture: z.enum(["frame", "crop"]) }) },
  replies: {
    200: { description: "The picture", contentType: "image/jpeg" },
    206: { description: "The part that Range asks for", contentType: "image/jpeg" },
    304: { description: "The caller has it" },
  },
  async handle({ request, services }, { params }) {
    const event = await services.events.get(params.event_id);
    return pictureReply(request, services.images, event, params.picture);
  },
});
