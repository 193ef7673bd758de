import type { Operation } from "../operations";

/** Who the dialects are for. */
const DIALECTS: Readonly<Record<string, string>> = {
  engine: "Reference 2: events, configuration, health",
  city: "Reference 3: the ANPR City API",
  galaxy: "Reference 5: Galaxy ALPR",
  guide: "Reference 1: the integration guide",
  plategate: "Plategate's own: logins, users, rights, audit, metrics",
};

/** Our own dialect is parted by what its paths are about: nobody finds one of 150 in a row. */
const AREAS = [
  {
    tag: "plategate-lists",
    about: "Plategate's own: vehicles, groups, schedules, visitors, watch list",
    paths: /^\/(visit\/|api\/v1\/(vehicles|groups|schedules|visitor_passes|watch_entries))/,
  },
  {
    tag: "plategate-gate",
    about: "Plategate's own: deciding, sites and lanes, barriers, access control",
    paths:
      /^\/api\/v1\/(decisions|gates|site_modes|occupancy|settings\/access|rule_trials|barriers|access_sync|card_numbers|sites|lanes|plates\/accepted)/,
  },
  {
    tag: "plategate-record",
    about: "Plategate's own: passages, alerts, figures, live pictures, map, reports",
    paths:
      /^\/api\/v1\/(passages|events|alerts|review|statistics|overview|live|cameras|map|reports|report_|plates\/:plate)/,
  },
  {
    tag: "plategate-outgoing",
    about: "Plategate's own: notifications and what waits to go out",
    paths: /^\/api\/v1\/(outbox|notification_rules)/,
  },
] as const;

/** The group that an operation stands in. */
export function tagOf({ id, path }: Pick<Operation, "id" | "path">): string {
  const dialect = id.split(".")[0] ?? "";
  if (dialect !== "plategate") return dialect;
  return AREAS.find(({ paths }) => paths.test(path))?.tag ?? dialect;
}

/** What a group is about. */
export function aboutTag(tag: string): string {
  return AREAS.find((area) => area.tag === tag)?.about ?? DIALECTS[tag] ?? tag;
}
