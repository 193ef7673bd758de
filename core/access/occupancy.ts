import type {
  AccessContext,
  AccessSettings,
  AccessState,
  Group,
  OccupancyCounts,
  Presence,
  StateChange,
} from "./types";

const MINUTE_MS = 60_000;

/** Who goes through: a vehicle or a visitor's pass. */
export interface Subject {
  /** `vehicle:<id>` or `pass:<id>` */
  key: string;
  plate: string;
  groups: readonly Group[];
}

/** Vehicles inside without the subject, over the site and for each of its groups. */
export function countOthers(state: AccessState, subject: Subject): OccupancyCounts {
  if (state.counts) return state.counts;
  const counts: OccupancyCounts = { site: 0, groups: {} };
  for (const group of subject.groups) counts.groups[group.id] = 0;
  for (const presence of state.presences.values()) {
    if (!presence.inside || presence.subject === subject.key) continue;
    counts.site += 1;
    for (const id of presence.groups) {
      const known = counts.groups[id];
      if (known !== undefined) counts.groups[id] = known + 1;
    }
  }
  return counts;
}

/** What anti-passback says: null = nothing against it, else why, and whether it only warns. */
export function antiPassbackViolation(
  presence: Presence | undefined,
  context: Pick<AccessContext, "way" | "clock">,
  settings: Pick<AccessSettings, "antiPassback" | "antiPassbackMinutes">,
): { detail: string; refuses: boolean } | null {
  const { way, clock } = context;
  if (way === null || settings.antiPassback === "off" || presence?.at == null) return null;
  if (settings.antiPassback === "timed") {
    const left = presence.at + settings.antiPassbackMinutes * MINUTE_MS - clock;
    if (presence.way !== way || left <= 0) return null;
    return { detail: `same way again, ${Math.ceil(left / 1000)} s too early`, refuses: true };
  }
  if (presence.inside !== (way === "entry")) return null;
  const detail = presence.inside ? "is inside already" : "is not inside";
  return { detail, refuses: settings.antiPassback === "hard" };
}

/** A limit that an entry would exceed. */
export interface FullLimit {
  reason: "occupancy_full" | "permit_in_use";
  detail: string;
}

/** The first limit of site, groups and shared permits that is reached; null = room. */
export function fullLimit(
  subject: Subject,
  counts: OccupancyCounts,
  siteLimit: number | null,
): FullLimit | null {
  if (siteLimit !== null && counts.site >= siteLimit) {
    return { reason: "occupancy_full", detail: `site: ${counts.site} of ${siteLimit}` };
  }
  for (const group of subject.groups) {
    const inside = counts.groups[group.id] ?? 0;
    if (group.occupancyLimit !== null && inside >= group.occupancyLimit) {
      const detail = `${group.name}: ${inside} of ${group.occupancyLimit}`;
      return { reason: "occupancy_full", detail };
    }
    if (group.permitSpaces !== null && inside >= group.permitSpaces) {
      const detail = `permit ${group.name}: ${inside} of ${group.permitSpaces}`;
      return { reason: "permit_in_use", detail };
    }
  }
  return null;
}

/** What letting the subject through changes; nothing where the way is not known. */
export function presenceChange(
  subject: Subject,
  before: Presence | undefined,
  context: AccessContext,
  passageId: string,
): StateChange[] {
  if (context.way === null) return [];
  const presence: Presence = {
    subject: subject.key,
    plate: subject.plate,
    groups: subject.groups.map((group) => group.id),
    inside: context.way === "entry",
    at: context.clock,
    way: context.way,
    laneId: context.laneId,
    passageId,
  };
  return [{ type: "presence", siteId: context.site.id, presence, before: before ?? null }];
}
