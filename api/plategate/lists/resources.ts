import type { z } from "zod";
import {
  blankGroup,
  blankPass,
  blankSchedule,
  blankVehicle,
  blankWatchEntry,
} from "../../../core/access/blank";
import { hashPin, normaliseCredential } from "../../../core/access/second-factor";
import { findCollision, findPassCollision, type Collision } from "../../../core/access/identify";
import type {
  AccessRepository,
  EntryRepository,
  Page,
  VehicleQuery,
} from "../../../core/access/ports";
import type { ScheduleSite } from "../../../core/access/schedules";
import type {
  AccessSnapshot,
  Group,
  Schedule,
  Vehicle,
  VisitorPass,
  WatchEntry,
} from "../../../core/access/types";
import {
  groupProblems,
  passProblems,
  scheduleProblems,
  vehicleProblems,
  watchProblems,
  type Problem,
} from "../../../core/access/validate";
import { normalisePlate } from "../../../core/plates/normalise";
import { ApiError } from "../../errors";
import { newPassLink } from "../access/visits";
import {
  groupChange,
  groupReply,
  passChange,
  passCreated,
  passReply,
  scheduleReply,
  scheduleSchema,
  vehicleChange,
  vehicleReply,
  watchChange,
  watchReply,
} from "./schemas";
import { watchTargetProblems } from "./watch-target";
import { toWire, type WireForm } from "./wire";

/** What the rules are judged against. */
export interface Judge {
  lists: AccessSnapshot;
  now: number;
  site: ScheduleSite;
}

/** Which entries: by page; the rest is for vehicles. */
export type ListQuery = VehicleQuery;

/** The lists beside the vehicles are short: taken whole and cut. */
async function pageOfAll<T>(repository: EntryRepository<T>, query: ListQuery): Promise<Page<T>> {
  const all = await repository.list();
  return { items: all.slice(query.skip, query.skip + query.limit), total: all.length };
}

/** One kind of entry of /api/v1. */
export interface Resource<T extends { id: string }> {
  name: string;
  /** For operation summaries: "vehicle". */
  one: string;
  /** The body of a partial update. */
  patch: z.ZodObject;
  /** The body of a new entry: the same, with what must not be missing. */
  creation: z.ZodObject;
  /** An entry in an answer. */
  reply: z.ZodObject;
  form: WireForm<T>;
  /** The answer to a creation, where it says more than others. */
  created?: z.ZodType;
  /** What a new entry gets that is shown once and kept only as its hash. */
  secret?(origin: string): { secret: Partial<T>; shown: Record<string, string> };
  repository(access: AccessRepository): Omit<EntryRepository<T>, "list">;
  page(access: AccessRepository, query: ListQuery): Promise<Page<T>>;
  /** A new entry before the body's fields are put on it. */
  blank(id: string, actor: string, now: number): T;
  /** Brings fields into their stored form, e.g. a plate normalised. */
  normalise(entry: T, now: number): T;
  problems(entry: T, judge: Judge): Problem[];
  /** Problems that only asking elsewhere shows. */
  asked?(entry: T): Promise<Problem[]>;
  /** @throws ApiError 409 where another entry stands in the way */
  conflict?(entry: T, lists: AccessSnapshot): void;
  /** @throws ApiError 409 where others depend on an entry that is to be deleted */
  inUse?(entry: T, access: AccessRepository): Promise<void>;
}

const vehicleForm: WireForm<Vehicle> = {
  times: ["validFrom", "validUntil", "createdAt", "updatedAt"],
  ends: ["validUntil"],
  lists: ["tags", "groups", "lanes", "credentials"],
  hidden: ["pin"],
  hashed: { pin: hashPin },
  told: ({ pin }) => ({ has_pin: pin !== null }),
};

/** Names that nobody tells apart are one. */
const nameKey = ({ name }: { name: string }): string => name.trim().toLowerCase();

const passForm: WireForm<VisitorPass> = {
  times: ["validFrom", "validUntil", "createdAt"],
  ends: ["validUntil"],
  lists: ["lanes"],
  hidden: ["codeHash"],
};

/** @throws ApiError 409 naming the entry that some reads of a plate could mean too */
function refuseCollision(plate: string, other: Collision | null): void {
  if (!other) return;
  const { vehicle, pass } = other;
  throw new ApiError(
    409,
    "DUPLICATE_RESOURCE",
    `Some reads could mean ${plate} and ${other.plate}: the gate could not tell them apart`,
    {
      body: {
        ...(vehicle ? { colliding_vehicle: toWire(vehicle, vehicleForm) } : {}),
        ...(pass ? { colliding_pass: toWire(pass, passForm) } : {}),
      },
    },
  );
}

export const vehicles: Resource<Vehicle> = {
  name: "vehicles",
  one: "vehicle",
  patch: vehicleChange,
  creation: vehicleChange.required({ plate: true }),
  reply: vehicleReply,
  form: vehicleForm,
  repository: (access) => access.vehicles,
  page: (access, query) => access.vehicles.list(query),
  blank: (id, _actor, now) => ({ ...blankVehicle(id, ""), createdAt: now }),
  normalise: (entry, now) => ({
    ...entry,
    plate: normalisePlate(entry.plate),
    credentials: entry.credentials.map(normaliseCredential).filter((number) => number !== ""),
    updatedAt: now,
  }),
  problems: (entry, { lists, now, site }) => vehicleProblems(entry, lists, now, site),
  conflict(entry, lists) {
    const before = lists.vehicles.find(({ id }) => id === entry.id);
    if (before?.plate !== entry.plate) refuseCollision(entry.plate, findCollision(entry, lists));
  },
};

export const groups: Resource<Group> = {
  name: "groups",
  one: "group",
  patch: groupChange,
  creation: groupChange.required({ name: true }),
  reply: groupReply,
  form: { times: [], lists: ["lanes"], hidden: [] },
  repository: (access) => access.groups,
  page: (access, query) => pageOfAll(access.groups, query),
  blank: (id) => blankGroup(id),
  normalise: (entry) => entry,
  problems: (entry, { lists }) => groupProblems(entry, lists),
  conflict({ id, name }, lists) {
    const same = lists.groups.some(
      (other) => other.id !== id && nameKey(other) === nameKey({ name }),
    );
    if (same) throw new ApiError(409, "DUPLICATE_RESOURCE", `Another group is named ${name}`);
  },
  async inUse({ id, name }, access) {
    const { total } = await access.vehicles.list({ group: id, skip: 0, limit: 0 });
    if (total === 0) return;
    throw new ApiError(
      409,
      "DUPLICATE_RESOURCE",
      `${total} vehicles are in the group ${name}: take them out of it first`,
      { body: { vehicles: total } },
    );
  },
};

export const schedules: Resource<Schedule> = {
  name: "schedules",
  one: "schedule",
  patch: scheduleSchema.partial(),
  creation: scheduleSchema.partial().required({ name: true, windows: true }),
  reply: scheduleReply,
  form: { times: [], hidden: [] },
  repository: (access) => access.schedules,
  page: (access, query) => pageOfAll(access.schedules, query),
  blank: (id) => blankSchedule(id),
  normalise: (entry) => entry,
  problems: (entry, { now, site }) => scheduleProblems(entry, now, site),
  async inUse({ id, name }, access) {
    const { vehicles: cars, groups: all, passes } = await access.snapshot();
    const using = { vehicles: cars, groups: all, visitor_passes: passes };
    const counts = Object.entries(using)
      .map(([kind, entries]) => [kind, entries.filter((e) => e.scheduleId === id).length] as const)
      .filter(([, count]) => count > 0);
    if (counts.length === 0) return;
    const by = counts.map(([kind, count]) => `${kind.replace("_", " ")}: ${count}`).join(", ");
    throw new ApiError(
      409,
      "DUPLICATE_RESOURCE",
      `The schedule ${name} is in use (${by}): give them another first`,
      { body: Object.fromEntries(counts) },
    );
  },
};

export const visitorPasses: Resource<VisitorPass> = {
  name: "visitor_passes",
  one: "visitor pass",
  patch: passChange,
  creation: passChange,
  reply: passReply,
  form: passForm,
  created: passCreated,
  secret(origin) {
    const { codeHash, shown } = newPassLink(origin);
    return { secret: { codeHash }, shown };
  },
  repository: (access) => access.passes,
  page: (access, query) => pageOfAll(access.passes, query),
  blank: (id, actor, now) => ({ ...blankPass(id, null), createdBy: actor, createdAt: now }),
  normalise: (entry) => ({
    ...entry,
    plate: entry.plate === null ? null : normalisePlate(entry.plate),
  }),
  problems: (entry, { lists, now, site }) => passProblems(entry, lists, now, site),
  conflict({ id, plate, status }, lists) {
    if (plate === null || status !== "active") return;
    refuseCollision(plate, findPassCollision({ id, plate }, lists));
  },
};

export const watchEntries: Resource<WatchEntry> = {
  name: "watch_entries",
  one: "watch or deny list entry",
  patch: watchChange,
  creation: watchChange.required({ pattern: true }),
  reply: watchReply,
  form: {
    times: ["expiresAt", "createdAt"],
    ends: ["expiresAt"],
    lists: ["emails"],
    hidden: [],
  },
  repository: (access) => access.watch,
  page: (access, query) => pageOfAll(access.watch, query),
  blank: (id, actor, now) => ({ ...blankWatchEntry(id, ""), createdBy: actor, createdAt: now }),
  normalise: (entry) => entry,
  problems: (entry, { now }) => watchProblems(entry, now),
  asked: watchTargetProblems,
};
