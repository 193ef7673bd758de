import { z } from "zod";
import { bucketFloor } from "../../core/events/statistics";
import type { EventRepository } from "../../core/events/ports";
import { SITE_MODES } from "../../core/access/types";
import { json, operation } from "../operations";
import { instant } from "../schemas";
import type { ApiServices } from "../services";

/** A camera whose newest picture is older than this (ms) is not online. */
export const CAMERA_STALE_MS = 10_000;

const count = z.number().int();
const overviewSchema = z.object({
  since: instant.describe("the site's last midnight"),
  passages: z.object({ total: count, open: count, deny: count, review: count }),
  cameras: z.object({ total: count, online: count }),
  alerts: z.object({ open: count, watch_hits: count.describe("since midnight") }),
  occupancy: z.object({ inside: count, limit: count.nullable() }),
  mode: z.enum(SITE_MODES),
  barriers: z.object({ total: count, trouble: count }),
});

/** The figures of the home page. */
export const overview = operation({
  id: "plategate.overview",
  permission: "events.read",
  summary: "Today's figures: passages, cameras, alerts, who is inside",
  method: "get",
  path: "/api/v1/overview",
  input: {},
  replies: { 200: { description: "The figures", body: overviewSchema } },
  async handle({ services }) {
    const now = Date.now();
    const midnight = bucketFloor("day", services.timeZone)(now);
    const { access, alerts, barriers, events } = services;
    const [passages, open, hits, state, settings] = await Promise.all([
      passagesSince(events, midnight),
      alerts.count({ open: true }),
      alerts.count({ kind: "watch_hit", from: midnight }),
      access.state("site"),
      access.settings(),
    ]);
    const present = [...state.presences.values()].filter(({ inside }) => inside);
    const states = barriers.list().map((barrier) => barrier.status());
    return json({
      since: new Date(midnight).toISOString(),
      passages,
      cameras: camerasNow(services, now),
      alerts: { open, watch_hits: hits },
      occupancy: { inside: present.length, limit: settings.occupancyLimit },
      mode: state.mode,
      barriers: {
        total: states.length,
        trouble: states.filter((one) => one.state === "fault" || one.trouble !== null).length,
      },
    });
  },
});

async function passagesSince(events: EventRepository, from: number) {
  const [total, open, deny, review] = await Promise.all([
    events.count({ from }),
    ...(["open", "deny", "review"] as const).map((decision) => events.count({ from, decision })),
  ]);
  return { total, open, deny, review };
}

function camerasNow({ frames }: ApiServices, now: number) {
  const ages = frames.cameras().map((id) => now - (frames.latest(id)?.capturedAt ?? 0));
  return { total: ages.length, online: ages.filter((age) => age <= CAMERA_STALE_MS).length };
}
