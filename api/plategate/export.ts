import { z } from "zod";
import { tableContent } from "../../adapters/lists/table-files";
import type { StoredEvent } from "../../core/events/event";
import { NEWEST_FIRST, MAX_PAGE } from "../../core/events/filters";
import { actorOf, changeBy } from "../auth/actor";
import { purposeOf } from "../events/look-up";
import { operation } from "../operations";
import type { ApiServices } from "../services";
import { passageFilter, passageFilters } from "./passages";

/** Rows of one file; who needs more asks for shorter times. */
const MAX_ROWS = 50_000;

const TYPES = {
  csv: "text/csv; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};
const HEADINGS = [
  "id",
  "time",
  "plate",
  "confidence",
  "decision",
  "reason",
  "vehicle",
  "camera",
  "lane",
  "direction",
  "barrier",
  "time_to_open_ms",
];

/** The passages of a search as a table. */
export const exportPassages = operation({
  id: "plategate.passages_export",
  permission: "analytics",
  summary: `The passages of a search as CSV or XLSX, newest first, at most ${MAX_ROWS}`,
  method: "get",
  path: "/api/v1/passages.:format(csv|xlsx)",
  input: {
    params: z.object({ format: z.enum(["csv", "xlsx"]) }),
    query: z.object(passageFilters),
  },
  replies: { 200: { description: "The table", contentType: TYPES.csv } },
  async handle(context, { params: { format }, query }) {
    const { services } = context;
    const filter = passageFilter(query);
    const rows = filter ? await collect(services, filter) : [];
    await services.auth.audit({
      ...changeBy(actorOf(context), "event.export", null, { ...query, format, rows: rows.length }),
      purpose: purposeOf(context),
    });
    return {
      status: 200,
      headers: {
        "Content-Type": TYPES[format],
        "Content-Disposition": `attachment; filename="passages.${format}"`,
        "Cache-Control": "no-store",
      },
      body: await tableContent(format, HEADINGS, rows.map(cells)),
    };
  },
});

async function collect(
  { events }: ApiServices,
  filter: NonNullable<ReturnType<typeof passageFilter>>,
): Promise<StoredEvent[]> {
  const rows: StoredEvent[] = [];
  while (rows.length < MAX_ROWS) {
    const page = await events.list(filter, { ...NEWEST_FIRST, skip: rows.length, limit: MAX_PAGE });
    rows.push(...page.items);
    if (page.items.length < MAX_PAGE) break;
  }
  return rows.slice(0, MAX_ROWS);
}

function cells(event: StoredEvent): string[] {
  return [
    event.id,
    new Date(event.timestamp).toISOString(),
    event.plateText,
    event.confidence === null ? "" : event.confidence.toFixed(3),
    event.decision ?? "",
    event.reason ?? "",
    event.vehiclePlate ?? "",
    event.cameraId ?? "",
    event.laneId ?? "",
    event.direction,
    event.barrier?.result ?? "",
    event.timeToOpenMs === null ? "" : String(event.timeToOpenMs),
  ];
}
