import { z } from "zod";
import type { ConfigKind } from "../../config/kind";
import { freeSchema, idSchema, nameSchema, queryFlag } from "../../config/schemas";
import { instant, text } from "../../schemas";
import { inUse } from "./sites";

const direction = z.enum(["entry", "exit", "both"]);

const body = z.object({
  name: nameSchema,
  site_id: idSchema.nullable().default(null),
  enabled: z.boolean().default(true),
  direction: direction.default("both"),
  barrier_id: idSchema.nullable().default(null),
  metadata: freeSchema.default({}),
});

/** `/api/v1/lanes`: ways through a gate. Which barrier opens for whom is the flow's business. */
export const laneKind: ConfigKind<"lanes"> = {
  kind: "lanes",
  dialect: "plategate",
  path: "/api/v1/lanes",
  one: "lane",
  method: "patch",
  rights: {
    read: "events.read",
    create: "settings.site",
    update: "settings.site",
    remove: "settings.site",
  },
  body,
  reply: z.object({
    id: z.string(),
    name: z.string(),
    site_id: z.string().nullable(),
    enabled: z.boolean(),
    direction,
    barrier_id: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()),
    created_at: instant,
    updated_at: instant,
  }),
  query: z.object({ enabled: queryFlag.optional(), site_id: text(128).optional() }),
  filter: ({ enabled, site_id }) => ({
    enabled: enabled as boolean | undefined,
    siteId: site_id as string | undefined,
  }),
  view: ({ fields }) => ({ ...fields }),
  async check({ site_id: siteId }, { resources }) {
    if (siteId === null || (await resources.sites.get(siteId))) return [];
    return [{ field: "site_id", message: `There is no site ${siteId}` }];
  },
  async mayRemove(id, { resources }) {
    const page = { skip: 0, limit: 0 };
    const [cameras, zones] = await Promise.all([
      resources.cameras.list({ laneId: id }, page),
      resources.zones.list({ laneId: id }, page),
    ]);
    if (cameras.total + zones.total > 0) {
      throw inUse("lane", `${cameras.total} cameras and ${zones.total} zones`);
    }
  },
};
