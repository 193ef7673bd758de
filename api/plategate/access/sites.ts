import { z } from "zod";
import { gates } from "../../../adapters/access/gates";
import { changeSiteMode } from "../../../adapters/access/site-mode";
import {
  SITE_MODES,
  type AccessSnapshot,
  type Presence,
  type SiteMode,
} from "../../../core/access/types";
import { actorOf, changeBy } from "../../auth/actor";
import { ApiError } from "../../errors";
import { json, operation, type OperationContext } from "../../operations";
import { instant, text } from "../../schemas";

const siteId = text(64).min(1);
const params = z.object({ site_id: siteId });
const reason = text(300).trim().min(1, "say why");

/** @throws ApiError 404: a mode set for a mistyped site would shut nothing */
function requireSite(id: string): void {
  if (!gates.sites().includes(id)) throw ApiError.notFound("No gate of such a site runs here");
}

const modeSchema = z.object({
  site_id: z.string(),
  mode: z.enum(SITE_MODES),
  barriers: z
    .array(z.string())
    .describe("the barriers that an emergency opens and a lock-down closes"),
});

function modeView({ services }: OperationContext, id: string, mode: SiteMode): object {
  const mine = services.barriers.list().filter(({ laneId }) => gates.siteOf(laneId) === id);
  return { site_id: id, mode, barriers: mine.map((barrier) => barrier.id) };
}

/** The state of each site that has a gate here. */
export const listSiteModes = operation({
  id: "plategate.site_modes",
  permission: "events.read",
  summary: "Sites with a gate on this machine, and their modes",
  method: "get",
  path: "/api/v1/site_modes",
  input: {},
  replies: {
    200: {
      description: "All sites",
      body: z.object({
        items: z.array(modeSchema),
        total: z.number().int(),
        barriers_of_no_site: z
          .array(z.string())
          .describe("barriers that no emergency opens and no lock-down closes"),
      }),
    },
  },
  async handle(context) {
    const { access, barriers } = context.services;
    const free = barriers.list().filter(({ laneId }) => gates.siteOf(laneId) === null);
    const items = await Promise.all(
      gates.sites().map(async (id) => modeView(context, id, await access.mode(id))),
    );
    const ids = free.map((barrier) => barrier.id);
    return json({ items, total: items.length, barriers_of_no_site: ids });
  },
});

/** Lock-down, emergency open or normal, for a whole site. */
export const setSiteMode = operation({
  id: "plategate.site_modes.set",
  permission: "barrier.move",
  summary: "Lock down a site, open it for an emergency, or go back to normal",
  method: "put",
  path: "/api/v1/site_modes/:site_id",
  input: { params, body: z.strictObject({ mode: z.enum(SITE_MODES), reason }) },
  replies: { 200: { description: "The mode that holds now", body: modeSchema } },
  async handle(context, { params: { site_id: id }, body }) {
    requireSite(id);
    const { name: actor, address, requestId } = actorOf(context);
    const by = { actor, reason: body.reason, origin: { address, requestId } };
    await changeSiteMode(context.services.access, id, body.mode, by);
    return json(modeView(context, id, body.mode));
  },
});

const occupancySchema = z.object({
  site_id: z.string(),
  inside: z.number().int(),
  limit: z.number().int().nullable(),
  groups: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      inside: z.number().int(),
      limit: z.number().int().nullable(),
      permit_spaces: z.number().int().nullable(),
    }),
  ),
  vehicles: z
    .array(
      z.object({ plate: z.string(), since: instant.nullable(), lane_id: z.string().nullable() }),
    )
    .describe("who is inside, newest first"),
});

/** Who is inside a site, and its limits. */
export const occupancy = operation({
  id: "plategate.occupancy",
  permission: "events.read",
  lookUp: "event.query",
  summary: "Vehicles inside a site, counted over the site and each group",
  method: "get",
  path: "/api/v1/occupancy",
  input: { query: z.object({ site_id: siteId.default("site") }) },
  replies: { 200: { description: "The counts", body: occupancySchema } },
  async handle({ services }, { query }) {
    const [lists, state] = await Promise.all([
      services.access.snapshot(),
      services.access.state(query.site_id),
    ]);
    const inside = [...state.presences.values()].filter((presence) => presence.inside);
    return json(occupancyView(query.site_id, inside, lists));
  },
});

function occupancyView(id: string, inside: Presence[], lists: AccessSnapshot): object {
  const newest = inside.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0));
  return {
    site_id: id,
    inside: inside.length,
    limit: lists.settings.occupancyLimit,
    groups: lists.groups.map((group) => ({
      id: group.id,
      name: group.name,
      inside: inside.filter(({ groups }) => groups.includes(group.id)).length,
      limit: group.occupancyLimit,
      permit_spaces: group.permitSpaces,
    })),
    vehicles: newest.map(({ plate, at, laneId }) => ({
      plate,
      since: at === null ? null : new Date(at).toISOString(),
      lane_id: laneId,
    })),
  };
}

/** Everybody counts as outside and not seen yet. */
export const resetOccupancy = operation({
  id: "plategate.occupancy_reset",
  permission: "lists.write",
  summary: "Count everybody of a site, or of a group, as outside",
  method: "post",
  path: "/api/v1/occupancy/reset",
  input: {
    body: z.strictObject({
      site_id: siteId.default("site"),
      group_id: siteId.nullable().default(null),
      reason,
    }),
  },
  replies: {
    200: {
      description: "How many were inside",
      body: z.object({ site_id: z.string(), were_inside: z.number().int() }),
    },
  },
  async handle(context, { body }) {
    const { access } = context.services;
    if (body.group_id !== null && !(await access.groups.get(body.group_id))) {
      throw ApiError.notFound("There is no such group");
    }
    const wereInside = await access.resetOccupancy(body.site_id, body.group_id);
    await note(context, "occupancy.reset", `site:${body.site_id}`, body.reason, {
      group: body.group_id,
      were_inside: wereInside,
    });
    return json({ site_id: body.site_id, were_inside: wereInside });
  },
});

async function note(
  context: OperationContext,
  action: string,
  subject: string,
  why: string,
  detail: Record<string, unknown>,
): Promise<void> {
  const change = changeBy(actorOf(context), action, subject, detail);
  await context.services.auth.audit({ ...change, purpose: why });
}
