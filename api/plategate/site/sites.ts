import { z } from "zod";
import type { ConfigKind } from "../../config/kind";
import { finite, freeSchema, nameSchema } from "../../config/schemas";
import { ApiError } from "../../errors";
import { instant, text } from "../../schemas";

const timeZone = text(64).refine(isTimeZone, "is no IANA time zone, e.g. Europe/Vienna");

const body = z.object({
  name: nameSchema,
  time_zone: timeZone.nullable().default(null).describe("IANA; null: the machine's"),
  address: text(500).nullable().default(null),
  latitude: finite(-90, 90).nullable().default(null),
  longitude: finite(-180, 180).nullable().default(null),
  metadata: freeSchema.default({}),
});

/** `/api/v1/sites`: the places that lanes belong to. */
export const siteKind: ConfigKind<"sites"> = {
  kind: "sites",
  dialect: "plategate",
  path: "/api/v1/sites",
  one: "site",
  method: "patch",
  rights: { read: "events.read", create: "system", update: "system", remove: "system" },
  body,
  reply: z.object({
    id: z.string(),
    name: z.string(),
    time_zone: z.string().nullable(),
    address: z.string().nullable(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    metadata: z.record(z.string(), z.unknown()),
    created_at: instant,
    updated_at: instant,
  }),
  query: z.object({}),
  filter: () => ({}),
  view: ({ fields }) => ({ ...fields }),
  async mayRemove(id, { resources }) {
    const { total } = await resources.lanes.list({ siteId: id }, { skip: 0, limit: 0 });
    if (total > 0) throw inUse("site", `${total} lanes`);
  },
};

/** Refuses to delete what others name. */
export function inUse(one: string, by: string): ApiError {
  return new ApiError(409, "INVALID_REQUEST", `This ${one} has ${by}: move or delete them first`);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
