import type { Insertable, Selectable } from "kysely";
import type {
  Group,
  Presence,
  Schedule,
  Vehicle,
  VisitorPass,
  WatchEntry,
} from "../../../core/access/types";
import type {
  GroupsTable,
  OccupancyTable,
  SchedulesTable,
  VehiclesTable,
  VisitorPassesTable,
  WatchEntriesTable,
} from "../schema";
import { flag, json, parsed } from "./rows";

const list = (text: string): string[] => parsed<string[]>(text, []);

export function vehicleRow(vehicle: Vehicle): Insertable<VehiclesTable> {
  const { plate, owner, contact, note, tags } = vehicle;
  return {
    id: vehicle.id,
    plate,
    region: vehicle.region,
    owner,
    contact,
    note,
    tags_json: json(tags),
    status: vehicle.status,
    valid_from: vehicle.validFrom,
    valid_until: vehicle.validUntil,
    schedule_id: vehicle.scheduleId,
    lanes_json: json(vehicle.lanes),
    way: vehicle.way,
    credentials_json: json(vehicle.credentials),
    pin: vehicle.pin,
    search_text: [plate, owner, contact, note, ...tags].join("\n").toLowerCase(),
    created_at: vehicle.createdAt,
    updated_at: vehicle.updatedAt,
  };
}

export function vehicleOf(row: Selectable<VehiclesTable>, groups: string[]): Vehicle {
  return {
    id: row.id,
    plate: row.plate,
    region: row.region,
    owner: row.owner,
    contact: row.contact,
    note: row.note,
    tags: list(row.tags_json),
    status: row.status as Vehicle["status"],
    groups,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    scheduleId: row.schedule_id,
    lanes: list(row.lanes_json),
    way: row.way as Vehicle["way"],
    credentials: list(row.credentials_json),
    pin: row.pin,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function groupRow(group: Group): Insertable<GroupsTable> {
  return {
    id: group.id,
    name: group.name,
    schedule_id: group.scheduleId,
    lanes_json: json(group.lanes),
    occupancy_limit: group.occupancyLimit,
    permit_spaces: group.permitSpaces,
    note: group.note,
  };
}

export function groupOf(row: Selectable<GroupsTable>): Group {
  return {
    id: row.id,
    name: row.name,
    scheduleId: row.schedule_id,
    lanes: list(row.lanes_json),
    occupancyLimit: row.occupancy_limit,
    permitSpaces: row.permit_spaces,
    note: row.note,
  };
}

export function scheduleRow(schedule: Schedule): Insertable<SchedulesTable> {
  return {
    id: schedule.id,
    name: schedule.name,
    time_zone: schedule.timeZone,
    on_holidays: schedule.onHolidays,
    windows_json: json(schedule.windows),
    holiday_windows_json: json(schedule.holidayWindows),
    holidays_json: json(schedule.holidays),
  };
}

export function scheduleOf(row: Selectable<SchedulesTable>): Schedule {
  return {
    id: row.id,
    name: row.name,
    timeZone: row.time_zone,
    windows: parsed<Schedule["windows"]>(row.windows_json, []),
    onHolidays: row.on_holidays as Schedule["onHolidays"],
    holidayWindows: parsed<Schedule["holidayWindows"]>(row.holiday_windows_json, []),
    holidays: list(row.holidays_json),
  };
}

export function passRow(pass: VisitorPass): Insertable<VisitorPassesTable> {
  return {
    id: pass.id,
    code_hash: pass.codeHash,
    plate: pass.plate,
    visitor: pass.visitor,
    host: pass.host,
    note: pass.note,
    status: pass.status,
    valid_from: pass.validFrom,
    valid_until: pass.validUntil,
    uses_allowed: pass.usesAllowed,
    used: pass.used,
    schedule_id: pass.scheduleId,
    lanes_json: json(pass.lanes),
    created_by: pass.createdBy,
    created_at: pass.createdAt,
  };
}

export function passOf(row: Selectable<VisitorPassesTable>): VisitorPass {
  return {
    id: row.id,
    codeHash: row.code_hash,
    plate: row.plate,
    visitor: row.visitor,
    host: row.host,
    note: row.note,
    status: row.status as VisitorPass["status"],
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    usesAllowed: row.uses_allowed,
    used: row.used,
    scheduleId: row.schedule_id,
    lanes: list(row.lanes_json),
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}

export function watchRow(entry: WatchEntry): Insertable<WatchEntriesTable> {
  return {
    id: entry.id,
    list: entry.list,
    pattern: entry.pattern,
    match_mode: entry.match,
    description: entry.description,
    priority: entry.priority,
    webhook_url: entry.webhookUrl,
    emails_json: json(entry.emails),
    expires_at: entry.expiresAt,
    active: flag(entry.active),
    created_by: entry.createdBy,
    created_at: entry.createdAt,
  };
}

export function watchOf(row: Selectable<WatchEntriesTable>): WatchEntry {
  return {
    id: row.id,
    list: row.list as WatchEntry["list"],
    pattern: row.pattern,
    match: row.match_mode as WatchEntry["match"],
    description: row.description,
    priority: row.priority as WatchEntry["priority"],
    webhookUrl: row.webhook_url,
    emails: list(row.emails_json),
    expiresAt: row.expires_at,
    active: row.active === 1,
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}

export function presenceRow(siteId: string, presence: Presence): Insertable<OccupancyTable> {
  return {
    site_id: siteId,
    subject: presence.subject,
    plate: presence.plate,
    groups_json: json(presence.groups),
    inside: flag(presence.inside),
    at: presence.at,
    way: presence.way,
    lane_id: presence.laneId,
    passage_id: presence.passageId,
  };
}

export function presenceOf(row: Selectable<OccupancyTable>): Presence {
  return {
    subject: row.subject,
    plate: row.plate,
    groups: list(row.groups_json),
    inside: row.inside === 1,
    at: row.at,
    way: row.way as Presence["way"],
    laneId: row.lane_id,
    passageId: row.passage_id,
  };
}
