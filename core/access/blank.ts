import type { Group, Schedule, Vehicle, VisitorPass, WatchEntry } from "./types";

/** A vehicle that may always pass everywhere, to be filled in. */
export function blankVehicle(id: string, plate: string): Vehicle {
  return {
    id,
    plate,
    region: null,
    owner: null,
    contact: null,
    note: null,
    tags: [],
    status: "active",
    groups: [],
    validFrom: null,
    validUntil: null,
    scheduleId: null,
    lanes: [],
    way: null,
    credentials: [],
    pin: null,
    createdAt: 0,
    updatedAt: 0,
  };
}

/** A group without any limit. */
export function blankGroup(id: string): Group {
  return {
    id,
    name: id,
    scheduleId: null,
    lanes: [],
    occupancyLimit: null,
    permitSpaces: null,
    note: null,
  };
}

/** A schedule that is never open yet. */
export function blankSchedule(id: string): Schedule {
  return {
    id,
    name: id,
    timeZone: null,
    windows: [],
    onHolidays: "as_usual",
    holidayWindows: [],
    holidays: [],
  };
}

/** A pass without an end, for a plate or for whoever has its code. */
export function blankPass(id: string, plate: string | null): VisitorPass {
  return {
    id,
    codeHash: null,
    plate,
    visitor: null,
    host: null,
    note: null,
    status: "active",
    validFrom: null,
    validUntil: null,
    usesAllowed: null,
    used: 0,
    scheduleId: null,
    lanes: [],
    createdBy: null,
    createdAt: 0,
  };
}

/** An entry of the watch list, to be filled in. */
export function blankWatchEntry(id: string, pattern: string): WatchEntry {
  return {
    id,
    list: "watch",
    pattern,
    match: "confusable",
    description: null,
    priority: "normal",
    webhookUrl: null,
    emails: [],
    expiresAt: null,
    active: true,
    createdBy: null,
    createdAt: 0,
  };
}
