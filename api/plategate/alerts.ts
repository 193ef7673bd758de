import { z } from "zod";
import { ALERT_KINDS, type Alert } from "../../core/alerts/alert";
import { WATCH_PRIORITIES } from "../../core/access/types";
import { nameOf } from "../auth/actor";
import { ApiError } from "../errors";
import { json, operation } from "../operations";
import { instant, pageFields, pageSchema, text } from "../schemas";
import { news } from "../../adapters/news/news";

const alertSchema = z.object({
  id: z.string(),
  at: instant,
  kind: z.enum(ALERT_KINDS),
  priority: z.enum(WATCH_PRIORITIES),
  event_id: z.string().nullable(),
  camera_id: z.string().nullable(),
  lane_id: z.string().nullable(),
  barrier_id: z.string().nullable(),
  plate: z.string().nullable(),
  text: z.string().nullable(),
  acknowledged_at: instant.nullable(),
  acknowledged_by: z.string().nullable(),
  note: z.string().nullable(),
});

/** What people must look at, newest first. */
export const listAlerts = operation({
  id: "plategate.alerts",
  permission: "events.read",
  lookUp: "event.query",
  summary: "Alerts, newest first",
  method: "get",
  path: "/api/v1/alerts",
  input: {
    query: z.object({
      ...pageFields(50, 200),
      kind: z.enum(ALERT_KINDS).optional(),
      state: z.enum(["open", "acknowledged"]).optional(),
    }),
  },
  replies: { 200: { description: "A page of alerts", body: pageSchema(alertSchema) } },
  async handle({ services }, { query: { skip, limit, kind, state } }) {
    const open = state === undefined ? undefined : state === "open";
    const found = await services.alerts.list({ kind, open }, { skip, limit });
    return json({ items: found.items.map(alertView), total: found.total, skip, limit });
  },
});

/** Says that somebody has seen an alert and what was done. */
export const acknowledgeAlert = operation({
  id: "plategate.alert_acknowledge",
  permission: "review",
  summary: "Acknowledge an alert",
  method: "post",
  path: "/api/v1/alerts/:id/acknowledge",
  input: {
    params: z.object({ id: text(128) }),
    body: z.strictObject({ note: text(1000).nullable().default(null) }),
  },
  replies: { 200: { description: "The alert, acknowledged now or before", body: alertSchema } },
  async handle({ principal, services }, { params, body }) {
    const alert = await services.alerts.acknowledge(
      params.id,
      nameOf(principal),
      body.note,
      Date.now(),
    );
    if (!alert) throw ApiError.notFound("There is no such alert");
    news.tell("alerts");
    return json(alertView(alert));
  },
});

function alertView(alert: Alert): z.output<typeof alertSchema> {
  const time = (at: number): string => new Date(at).toISOString();
  return {
    id: alert.id,
    at: time(alert.at),
    kind: alert.kind,
    priority: alert.priority,
    event_id: alert.eventId,
    camera_id: alert.cameraId,
    lane_id: alert.laneId,
    barrier_id: alert.barrierId,
    plate: alert.plate,
    text: alert.text,
    acknowledged_at: alert.acknowledgedAt === null ? null : time(alert.acknowledgedAt),
    acknowledged_by: alert.acknowledgedBy,
    note: alert.note,
  };
}
