import { placesFields } from "../../app/access-fields";
import { api, part, withQuery, type Page } from "../../app/api";
import { perCent, type Entry, type Field } from "../../app/entries";
import type { Gate } from "../../app/gates";
import { options } from "../../app/lists";
import type { Window } from "../../app/week";

/** A change of the rules as the trial takes it. */
export type Change = Record<string, unknown>;

/** What of the rules a person may try to change. */
export interface RuleKind {
  name: string;
  icon: string;
  /** Without it the change can be tried and not saved. */
  right: string;
  /** Entries of this list are changed; none: settings are, or a plate that is typed. */
  path?: string;
  fields(choices: Choices): Field[];
  /** @param entry the entry as it is, {} for none */
  change(entry: Entry, body: Entry): Change;
  save(entry: Entry, body: Entry): Promise<unknown>;
}

/** Options of fields that the page has loaded. */
export interface Choices {
  groups: { value: string; text: string }[];
  schedules: { value: string; text: string }[];
  lanes: string[];
}

const SETTINGS = "/api/v1/settings/access";
const patch = (path: string, body: unknown): Promise<unknown> =>
  api(path, { method: "PATCH", body });
const idOf = (entry: Entry): string => (entry as { id?: string }).id ?? "";
const saveEntry = (path: string) => (entry: Entry, body: Entry) =>
  idOf(entry)
    ? patch(`${path}/${part(idOf(entry))}`, body)
    : api(path, { method: "POST", body: withoutNulls(body) });
const withoutNulls = (body: Entry): Entry =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));

/** What of the body is not as it was. */
const changed = (entry: Entry, body: Entry): Entry =>
  Object.fromEntries(Object.entries(body).filter(([name, value]) => entry[name] !== value));

/** The registered vehicle with a plate, or a new one. */
export async function vehicleOf(plate: string): Promise<Entry> {
  const plain = (text: string): string => text.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
  const found = await api<Page<Entry>>(
    withQuery("/api/v1/vehicles", { text: plain(plate), limit: 20 }),
  );
  const known = found.items.find((one) => one["plate"] === plain(plate));
  return known ?? { plate, status: "active" };
}

const thresholds: RuleKind = {
  name: "thresholds",
  icon: "target",
  right: "settings.site",
  fields: () => [
    { name: "min_confidence", ...perCent },
    { name: "min_reads", kind: "number", least: 1, most: 100 },
    { name: "few_reads_confidence", ...perCent },
    { name: "max_age_seconds", kind: "number", most: 3600 },
  ],
  change: (entry, body) => ({ rules: withoutNulls(changed(entry, body)) }),
  save: (entry, body) =>
    saveRules((entry as { lane_id?: string }).lane_id ?? "", changed(entry, body)),
};

/**
 * Keeps rules for a lane; or for all, and then also for each lane that says something else
 * itself: what was tried is what counts afterwards.
 */
async function saveRules(lane: string, rules: Entry): Promise<unknown> {
  const [now, gates] = await Promise.all([
    api<{ lane_rules: Entry[] }>(SETTINGS),
    api<Page<Gate>>("/api/v1/gates"),
  ]);
  const names = Object.keys(rules);
  const own = (one: Entry): boolean => names.some((name) => (one[name] ?? null) !== null);
  const stubborn = gates.items
    .filter((gate) =>
      names.some((name) => [...gate.in_node, ...gate.in_environment].includes(name)),
    )
    .flatMap(({ lane_id: id }) => id ?? []);
  const set = now.lane_rules.filter(own).map((one) => String(one["lane_id"]));
  const lanes = new Set(lane ? [lane] : [...stubborn, ...set]);
  const others = now.lane_rules.filter((one) => !lanes.has(String(one["lane_id"])));
  const changedRules = [...lanes].map((id) => ({
    ...now.lane_rules.find((one) => one["lane_id"] === id),
    ...rules,
    lane_id: id,
  }));
  const locked = gates.items.flatMap((gate) => gate.in_environment);
  const general = Object.fromEntries(
    Object.entries(rules).filter(([name]) => !locked.includes(name)),
  );
  return patch(SETTINGS, {
    ...(lane ? {} : { rules: general }),
    ...(lanes.size > 0 ? { lane_rules: [...others, ...changedRules] } : {}),
  });
}

const inside: RuleKind = {
  name: "inside",
  icon: "parking",
  right: "settings.site",
  fields: () => [...placesFields(), { name: "max_confusables", kind: "number" }],
  change: (entry, body) => ({ settings: changed(entry, body) }),
  save: (entry, body) => patch(SETTINGS, changed(entry, body)),
};

const VEHICLES = "/api/v1/vehicles";
const vehicle: RuleKind = {
  name: "vehicle",
  icon: "car",
  right: "lists.write",
  fields: ({ groups, schedules, lanes }) => [
    {
      name: "status",
      kind: "select",
      options: options("vehicles.statuses", ["active", "suspended", "blocked"]),
    },
    { name: "valid_from", kind: "time" },
    { name: "valid_until", kind: "time" },
    { name: "schedule_id", kind: "select", options: schedules },
    { name: "groups", kind: "many", options: groups },
    { name: "lanes", kind: "words", suggestions: lanes },
    { name: "off", kind: "check" },
  ],
  change({ plate }, { off, ...body }) {
    return off ? { remove: [plate] } : { vehicles: [{ plate, ...body }] };
  },
  async save(entry, { off, ...body }) {
    if (!off) return saveEntry(VEHICLES)(entry, { plate: entry["plate"], ...body });
    if (!idOf(entry)) return null; // was not in the list
    return api(`${VEHICLES}/${part(idOf(entry))}`, { method: "DELETE" });
  },
};

const GROUPS = "/api/v1/groups";
const group: RuleKind = {
  name: "group",
  icon: "account-group",
  right: "lists.write",
  path: GROUPS,
  fields: ({ schedules, lanes }) => [
    { name: "schedule_id", kind: "select", options: schedules },
    { name: "lanes", kind: "words", suggestions: lanes },
    { name: "permit_spaces", kind: "number" },
    { name: "occupancy_limit", kind: "number" },
  ],
  change: ({ id }, body) => ({ groups: [{ id, ...body }] }),
  save: saveEntry(GROUPS),
};

const SCHEDULES = "/api/v1/schedules";
const schedule: RuleKind = {
  name: "schedule",
  icon: "calendar-clock",
  right: "lists.write",
  path: SCHEDULES,
  fields: () => [
    {
      name: "on_holidays",
      kind: "select",
      options: options("schedules.holiday", ["as_usual", "closed"]),
    },
    { name: "holidays", kind: "words", max: 2000 },
  ],
  change: ({ id }, body) => ({ schedules: [{ id, ...body }] }),
  save: saveEntry(SCHEDULES),
};

const WATCH = "/api/v1/watch_entries";
const watch: RuleKind = {
  name: "watch",
  icon: "eye",
  right: "lists.write",
  fields: () => [
    { name: "pattern", kind: "text", required: true, max: 64 },
    { name: "list", kind: "select", options: options("watchlist.lists", ["watch", "deny"]) },
    {
      name: "match",
      kind: "select",
      options: options("watchlist.matches", ["confusable", "exact"]),
    },
    { name: "description", kind: "textarea" },
  ],
  change: (_entry, body) => ({ watch: [withoutNulls({ ...body, active: true })] }),
  save: (entry, body) => saveEntry(WATCH)(entry, { ...body, active: true }),
};

export const RULE_KINDS: readonly RuleKind[] = [
  thresholds,
  inside,
  schedule,
  vehicle,
  group,
  watch,
];

/** What a form begins with where no entry is chosen. */
export async function firstEntry(kind: RuleKind, lane: string): Promise<Entry> {
  if (kind === thresholds) {
    const gates = await api<Page<Gate>>("/api/v1/gates");
    const gate = gates.items.find(({ lane_id: id }) => id === lane) ?? gates.items[0];
    return { ...gate?.rules, lane_id: lane };
  }
  if (kind === inside) return api<Entry>(SETTINGS);
  if (kind === watch) return { list: "deny", match: "confusable" };
  return {};
}

export const hasWeek = (kind: RuleKind): boolean => kind === schedule;
export const hasPlate = (kind: RuleKind): boolean => kind === vehicle;
export const hasLane = (kind: RuleKind): boolean => kind === thresholds;
export const windowsOf = (entry: Entry): Window[] => (entry["windows"] as Window[]) ?? [];
