import assert from "node:assert/strict";
import fc from "fast-check";
import { isOpen, nextOpening } from "../../core/access/schedules";
import type { Schedule } from "../../core/access/types";
import {
  addDays,
  instantOf,
  isCalendarDay,
  minutesOf,
  wallClock,
} from "../../core/access/wall-clock";
import { schedule } from "../fixtures/access-sample";

const VIENNA = { timeZone: "Europe/Vienna", holidays: [] };
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7] as const;

function daily(from: string, to: string, more: Partial<Schedule> = {}): Schedule {
  return schedule("s", { windows: [{ days: [...EVERY_DAY], from, to }], ...more });
}

/** Minutes of a local day in which a schedule is open. */
function openMinutes(what: Schedule, date: string, site = VIENNA): number {
  const end = instantOf(date, 1440, site.timeZone);
  let count = 0;
  for (let at = instantOf(date, 0, site.timeZone); at < end; at += 60_000) {
    if (isOpen(what, at, site)) count += 1;
  }
  return count;
}

describe("schedules", () => {
  it("opens from the first minute to before the last, on its days alone", () => {
    const wednesday = schedule("s", { windows: [{ days: [3], from: "08:00", to: "17:30" }] });
    const at = (utc: string): boolean => isOpen(wednesday, Date.parse(utc), VIENNA);
    assert.equal(at("2026-03-18T06:59:59Z"), false);
    assert.equal(at("2026-03-18T07:00:00Z"), true);
    assert.equal(at("2026-03-18T16:29:59Z"), true);
    assert.equal(at("2026-03-18T16:30:00Z"), false);
    assert.equal(at("2026-03-19T10:00:00Z"), false);
  });

  it("goes on past midnight, and belongs to the day it began on", () => {
    const friday = schedule("s", { windows: [{ days: [5], from: "22:00", to: "06:00" }] });
    const at = (utc: string): boolean =>
      isOpen(friday, Date.parse(utc), { ...VIENNA, timeZone: "UTC" });
    assert.equal(at("2026-03-20T21:59:00Z"), false);
    assert.equal(at("2026-03-20T22:00:00Z"), true);
    assert.equal(at("2026-03-21T05:59:00Z"), true);
    assert.equal(at("2026-03-21T06:00:00Z"), false);
    assert.equal(at("2026-03-21T23:00:00Z"), false);
    assert.equal(at("2026-03-20T05:00:00Z"), false);
  });

  it("follows the wall clock when daylight saving time begins: the hour left out is not there", () => {
    // 2026-03-29 in Vienna: 02:00 becomes 03:00, at 01:00 UTC.
    assert.equal(openMinutes(daily("01:00", "04:00"), "2026-03-29"), 120);
    assert.equal(openMinutes(daily("02:00", "03:00"), "2026-03-29"), 0);
    assert.equal(openMinutes(daily("00:00", "24:00"), "2026-03-29"), 23 * 60);
    const day = daily("08:00", "17:00");
    assert.equal(isOpen(day, Date.parse("2026-03-28T07:00:00Z"), VIENNA), true);
    assert.equal(isOpen(day, Date.parse("2026-03-28T06:59:00Z"), VIENNA), false);
    assert.equal(isOpen(day, Date.parse("2026-03-29T06:00:00Z"), VIENNA), true);
    assert.equal(isOpen(day, Date.parse("2026-03-29T05:59:00Z"), VIENNA), false);
  });

  it("and when it ends: the hour that comes twice counts twice", () => {
    // 2026-10-25 in Vienna: 03:00 becomes 02:00, at 01:00 UTC.
    assert.equal(openMinutes(daily("01:00", "04:00"), "2026-10-25"), 240);
    assert.equal(openMinutes(daily("02:00", "03:00"), "2026-10-25"), 120);
    const day = daily("08:00", "17:00");
    assert.equal(isOpen(day, Date.parse("2026-10-24T06:00:00Z"), VIENNA), true);
    assert.equal(isOpen(day, Date.parse("2026-10-25T06:59:00Z"), VIENNA), false);
    assert.equal(isOpen(day, Date.parse("2026-10-25T07:00:00Z"), VIENNA), true);
  });

  it("keeps a night shift whole over both changes", () => {
    const night = daily("22:00", "06:00");
    const hours = (from: string, to: string): number =>
      (Date.parse(to) - Date.parse(from)) / 3_600_000;
    const spring = ["2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z"] as const;
    const autumn = ["2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z"] as const;
    assert.equal(hours(...spring), 7);
    assert.equal(hours(...autumn), 9);
    for (const [from, to] of [spring, autumn]) {
      for (let at = Date.parse(from); at < Date.parse(to); at += 600_000) {
        assert.equal(isOpen(night, at, VIENNA), true, new Date(at).toISOString());
      }
      assert.equal(isOpen(night, Date.parse(from) - 1, VIENNA), false);
      assert.equal(isOpen(night, Date.parse(to), VIENNA), false);
    }
  });

  it("knows zones that are half an hour off, and those that change by half an hour", () => {
    const day = daily("09:00", "10:00");
    const kolkata = { timeZone: "Asia/Kolkata", holidays: [] };
    assert.equal(isOpen(day, Date.parse("2026-01-01T03:30:00Z"), kolkata), true);
    assert.equal(isOpen(day, Date.parse("2026-01-01T03:29:00Z"), kolkata), false);
    const lordHowe = { timeZone: "Australia/Lord_Howe", holidays: [] };
    assert.equal(openMinutes(daily("01:30", "02:00"), "2026-04-05", lordHowe), 60);
  });

  it("closes on holidays, or opens as told for them", () => {
    const days = { holidays: ["2026-12-24", "12-25"], onHolidays: "closed" as const };
    const christmas = Date.parse("2026-12-25T10:00:00Z");
    assert.equal(isOpen(daily("08:00", "17:00", days), christmas, VIENNA), false);
    const asUsual = daily("08:00", "17:00", { ...days, onHolidays: "as_usual" });
    assert.equal(isOpen(asUsual, christmas, VIENNA), true);
    const short = daily("08:00", "17:00", {
      onHolidays: "windows",
      holidayWindows: [{ from: "10:00", to: "12:00" }],
    });
    const site = { ...VIENNA, holidays: ["12-25"] };
    assert.equal(isOpen(short, christmas, site), true);
    assert.equal(isOpen(short, Date.parse("2026-12-25T12:00:00Z"), site), false);
    assert.equal(isOpen(short, Date.parse("2026-12-24T12:00:00Z"), site), true);
  });

  it("gives the night before a holiday its whole length", () => {
    const night = daily("22:00", "06:00", { holidays: ["12-25"], onHolidays: "closed" });
    assert.equal(isOpen(night, Date.parse("2026-12-25T04:00:00Z"), VIENNA), true);
    assert.equal(isOpen(night, Date.parse("2026-12-25T22:00:00Z"), VIENNA), false);
    assert.equal(isOpen(night, Date.parse("2026-12-26T04:00:00Z"), VIENNA), false);
    assert.equal(isOpen(night, Date.parse("2026-12-26T21:30:00Z"), VIENNA), true);
  });

  it("opens never where its windows cannot be read", () => {
    for (const [from, to] of [
      ["8", "9"],
      ["08:00", "08:00"],
      ["25:00", "26:00"],
      ["24:00", "06:00"],
    ]) {
      assert.equal(openMinutes(daily(from ?? "", to ?? ""), "2026-05-05"), 0, `${from} ${to}`);
    }
  });

  it("finds the next opening", () => {
    const monday = schedule("s", { windows: [{ days: [1], from: "07:00", to: "08:00" }] });
    const from = Date.parse("2026-03-23T12:00:00Z");
    const next = nextOpening(monday, from, VIENNA);
    assert.equal(next && new Date(next).toISOString(), "2026-03-30T05:00:00.000Z");
    assert.equal(nextOpening(monday, from, VIENNA, from + 3_600_000), null);
    assert.equal(nextOpening(schedule("none"), from, VIENNA), null);
    const gap = daily("02:15", "02:45");
    const after = nextOpening(gap, Date.parse("2026-03-29T00:00:00Z"), VIENNA);
    assert.equal(after && new Date(after).toISOString(), "2026-03-30T00:15:00.000Z");
  });
});

describe("wall clock", () => {
  it("is undone by instantOf, wherever the hour exists", () => {
    const zones = ["Europe/Vienna", "America/St_Johns", "Asia/Bangkok", "Pacific/Chatham", "UTC"];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 20 * 365 * 1440 }),
        (zone, minute) => {
          const at = Date.parse("2015-01-01T00:00:00Z") + minute * 60_000;
          const wall = wallClock(at, zone);
          const back = instantOf(wall.date, wall.minutes, zone);
          assert.deepEqual(wallClock(back, zone), wall);
          assert.ok(at - back >= 0 && at - back <= 2 * 3_600_000, `${at - back}`);
        },
      ),
    );
  });

  it("takes the first of two equal hours, and skips the gap", () => {
    const iso = (date: string, time: string): string =>
      new Date(instantOf(date, minutesOf(time) ?? -1, "Europe/Vienna")).toISOString();
    assert.equal(iso("2026-10-25", "02:30"), "2026-10-25T00:30:00.000Z");
    assert.equal(iso("2026-03-29", "02:30"), "2026-03-29T01:30:00.000Z");
    assert.equal(iso("2026-03-29", "24:00"), "2026-03-29T22:00:00.000Z");
  });

  it("knows days that exist", () => {
    assert.ok(isCalendarDay("2026-02-28") && isCalendarDay("02-29") && isCalendarDay("12-25"));
    assert.ok(!isCalendarDay("2026-02-29") && !isCalendarDay("13-01") && !isCalendarDay("x"));
    assert.equal(addDays("2026-02-28", 1), "2026-03-01");
  });
});
