import { z } from "zod";
import { ApiError } from "../errors";
import { isoTime } from "../events/view";
import { json, operation, type Operation } from "../operations";
import type { LocationFields, Resource } from "../../core/config/types";
import { instant, pageFields, pageSchema, text } from "../schemas";

/** A location as it is sent. */
export const locationBody = z.strictObject({
  name: text(200).min(1),
  description: text(2000).nullish(),
  address: text(500).nullish(),
  latitude: z.number().min(-90).max(90).nullish(),
  longitude: z.number().min(-180).max(180).nullish(),
  camera_ids: z.array(text(128).min(1)).max(500).optional(),
});
const locationSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  address: z.string().nullable(),
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  camera_ids: z.array(z.string()),
  created_at: instant,
  updated_at: instant,
});
const BLANK = { description: null, address: null, latitude: null, longitude: null, camera_ids: [] };

const PATH = "/api/locations";
const oneLocation = { params: z.object({ id: text(128) }) };
const answer = { description: "The location", body: locationSchema };

function view({ id, fields: own, createdAt, updatedAt }: Resource<"locations">) {
  return { id, ...own, created_at: isoTime(createdAt), updated_at: isoTime(updatedAt) };
}

function missing(): ApiError {
  return ApiError.notFound("There is no such location");
}

/** A field that is null or absent in a new entry is empty. */
function filled(given: z.output<typeof locationBody>): LocationFields {
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...BLANK, ...(Object.fromEntries(known) as { name: string }) };
}

/** PUT and PATCH are the same: a merge patch, as everywhere (API-DECISIONS, Answers). */
function update(method: "put" | "patch"): Operation {
  return operation({
    id: `galaxy.locations.${method}`,
    permission: "settings.site",
    summary: "Change fields of a location (merge patch)",
    method,
    path: `${PATH}/:id`,
    input: { ...oneLocation, body: locationBody.partial() },
    replies: { 200: answer },
    async handle({ services }, { params, body }) {
      const change = Object.fromEntries(
        Object.entries(body)
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => [name, value ?? BLANK[name as keyof typeof BLANK]]),
      );
      const found = await services.resources.locations.update(
        params.id,
        (before) => ({ ...before.fields, ...change }),
        Date.now(),
      );
      if (!found) throw missing();
      return json(view(found));
    },
  });
}

/** `/api/locations` of reference 5. */
export const locationOperations: Operation[] = [
  operation({
    id: "galaxy.locations.list",
    permission: "events.read",
    summary: "Locations",
    method: "get",
    path: PATH,
    input: { query: z.object(pageFields()) },
    replies: { 200: { description: "A page of locations", body: pageSchema(locationSchema) } },
    async handle({ services }, { query }) {
      const { items, total } = await services.resources.locations.list({}, query);
      return json({ items: items.map(view), total, ...query });
    },
  }),
  operation({
    id: "galaxy.locations.create",
    permission: "settings.site",
    summary: "Add a location",
    method: "post",
    path: PATH,
    input: { body: locationBody },
    replies: { 201: answer },
    async handle({ services }, { body }) {
      const made = await services.resources.locations.create(null, filled(body), Date.now());
      return json(view(made), 201);
    },
  }),
  operation({
    id: "galaxy.locations.get",
    permission: "events.read",
    summary: "One location",
    method: "get",
    path: `${PATH}/:id`,
    input: oneLocation,
    replies: { 200: answer },
    async handle({ services }, { params }) {
      const found = await services.resources.locations.get(params.id);
      if (!found) throw missing();
      return json(view(found));
    },
  }),
  update("put"),
  update("patch"),
  operation({
    id: "galaxy.locations.delete",
    permission: "settings.site",
    summary: "Delete a location",
    method: "delete",
    path: `${PATH}/:id`,
    input: oneLocation,
    replies: { 204: { description: "It is gone" } },
    async handle({ services }, { params }) {
      if (!(await services.resources.locations.delete(params.id))) throw missing();
      return { status: 204 };
    },
  }),
];
