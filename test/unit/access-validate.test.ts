import assert from "node:assert/strict";
import {
  groupProblems,
  passProblems,
  type Problem,
  scheduleProblems,
  settingsProblems,
  uselessSchedules,
  vehicleProblems,
  watchProblems,
} from "../../core/access/validate";
import { claimPass, hashPassCode, newPassCode } from "../../core/access/visitors";
import { parseInlineList, parseInlineWatch } from "../../core/access/inline-list";
import { DEFAULT_ACCESS_SETTINGS } from "../../core/access/types";
import { group, lists, NOON, pass, schedule, vehicle, watchEntry } from "../fixtures/access-sample";

const SITE = { timeZone: "Europe/Vienna", holidays: ["03-29"] };
const WINDOW = { days: [1 as const], from: "08:00", to: "17:00" };
const codes = (problems: Problem[]): string[] =>
  problems.map(({ field, code }) => `${field} ${code}`);

describe("problems of entries", () => {
  it("finds schedules that are broken or never open", () => {
    const of = (more: Parameters<typeof schedule>[1]): string[] =>
      codes(scheduleProblems(schedule("s", more), NOON, SITE));
    assert.deepEqual(of({ windows: [WINDOW] }), []);
    assert.deepEqual(of({}), ["windows never_opens"]);
    assert.deepEqual(of({ windows: [{ ...WINDOW, to: "08:00" }] }), ["windows[0] bad_window"]);
    assert.deepEqual(of({ windows: [{ ...WINDOW, days: [] }] }), ["windows[0].days bad_window"]);
    assert.deepEqual(of({ windows: [{ ...WINDOW, from: "8h" }] }), ["windows[0].from bad_time"]);
    assert.deepEqual(of({ windows: [WINDOW], timeZone: "Mars" }), ["timeZone bad_time_zone"]);
    assert.deepEqual(of({ windows: [WINDOW], holidays: ["02-30"] }), ["holidays[0] bad_holiday"]);
    const sunday = { ...WINDOW, days: [7 as const] };
    const yearly = Array.from({ length: 366 }, (_, i) =>
      new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(5, 10),
    );
    const closed = { windows: [sunday], onHolidays: "closed" as const, holidays: yearly };
    assert.deepEqual(of(closed), ["windows never_opens"]);
  });

  it("names the useless schedules that somebody has", () => {
    const theLists = lists({
      vehicles: [vehicle("AA1", { scheduleId: "none" }), vehicle("BB2", { scheduleId: "ok" })],
      schedules: [schedule("none"), schedule("unused"), schedule("ok", { windows: [WINDOW] })],
    });
    const found = uselessSchedules(theLists, NOON, "UTC");
    assert.deepEqual(
      found.map(({ schedule: { id }, problem }) => `${id} ${problem.code}`),
      ["none never_opens"],
    );
  });

  it("finds vehicles and passes that can never come in", () => {
    const theLists = lists({ schedules: [schedule("monday", { windows: [WINDOW] })] });
    const of = (more: object): string[] =>
      codes(vehicleProblems(vehicle("AA1", more), theLists, NOON, SITE));
    assert.deepEqual(of({}), []);
    assert.deepEqual(of({ plate: "--" }), ["plate no_plate"]);
    assert.deepEqual(of({ groups: ["x"] }), ["groups unknown_group"]);
    assert.deepEqual(of({ scheduleId: "x" }), ["scheduleId unknown_schedule"]);
    assert.deepEqual(of({ validFrom: 2, validUntil: 1 }), ["validUntil never_valid"]);
    assert.deepEqual(of({ validUntil: NOON - 1 }), ["validUntil over"]);
    const untilFriday = { scheduleId: "monday", validUntil: NOON + 2 * 86_400_000 };
    assert.deepEqual(of(untilFriday), ["scheduleId never_in_validity"]);
    const visit = pass("AA1", { usesAllowed: 0, validUntil: NOON - 1 });
    assert.deepEqual(codes(passProblems(visit, theLists, NOON, SITE)), [
      "usesAllowed bad_number",
      "validUntil over",
    ]);
  });

  it("finds groups, watch entries and settings that cannot be used", () => {
    const flat = group("g", { scheduleId: "x", permitSpaces: 0, occupancyLimit: 1.5 });
    assert.deepEqual(codes(groupProblems(flat, lists())), [
      "scheduleId unknown_schedule",
      "occupancyLimit bad_number",
      "permitSpaces bad_number",
    ]);
    assert.deepEqual(codes(watchProblems(watchEntry("-"), NOON)), ["pattern bad_pattern"]);
    for (const pattern of ["*", "**", "?*", " * ? "]) {
      const [problem] = watchProblems(watchEntry(pattern), NOON);
      assert.match(problem?.detail ?? "", /every plate/, pattern);
      assert.deepEqual(watchProblems(watchEntry(pattern, { list: "deny" }), NOON), []);
    }
    for (const pattern of ["A*", "*1?", "???"]) {
      assert.deepEqual(watchProblems(watchEntry(pattern), NOON), [], pattern);
    }
    assert.deepEqual(codes(watchProblems(watchEntry("A", { expiresAt: 1 }), NOON)), [
      "expiresAt over",
    ]);
    const bad = {
      antiPassbackMinutes: NaN,
      confusables: ["O0"],
      holidays: ["x"],
      maxConfusables: -1,
    };
    assert.deepEqual(codes(settingsProblems({ ...DEFAULT_ACCESS_SETTINGS, ...bad })), [
      "maxConfusables bad_number",
      "holidays[0] bad_holiday",
      "antiPassbackMinutes bad_number",
      "confusables bad_confusables",
    ]);
    assert.deepEqual(settingsProblems(DEFAULT_ACCESS_SETTINGS), []);
  });
});

describe("typed lists", () => {
  it("take plates, owners and comments, and name the lines that are none", () => {
    const { vehicles, problems } = parseInlineList("ab 1 # Alice # x\r\n\n# only this\n--\nAB-1");
    assert.deepEqual(
      vehicles.map(({ plate, owner }) => [plate, owner]),
      [["AB1", "Alice # x"]],
    );
    assert.deepEqual(
      problems.map(({ line, reason }) => `${line} ${reason}`),
      ["4 no_plate", "5 duplicate"],
    );
    const { entries, problems: bad } = parseInlineWatch("! ab* # stolen\nXY?\n- # none");
    assert.deepEqual(
      entries.map(({ pattern, priority, description }) => [pattern, priority, description]),
      [
        ["ab*", "high", "stolen"],
        ["XY?", "normal", null],
      ],
    );
    assert.deepEqual(
      bad.map(({ line }) => line),
      [3],
    );
  });
});

describe("visitors' codes", () => {
  it("are hard to guess, easy to type, and not kept", () => {
    const many = Array.from({ length: 200 }, newPassCode);
    assert.equal(new Set(many).size, 200);
    for (const code of many) assert.match(code, /^[2-9A-HJKMNP-Z]{5}-[2-9A-HJKMNP-Z]{5}$/);
    const [code = ""] = many;
    assert.equal(hashPassCode(code), hashPassCode(` ${code.toLowerCase().replace("-", " ")}`));
    assert.equal(hashPassCode(code).includes(code), false);
  });

  it("let a visitor enter a plate until the first use, while the pass is good", () => {
    const code = newPassCode();
    const claim = (more: Parameters<typeof pass>[1], plate = "xy-99", written = code): string => {
      const open = pass(null, { codeHash: hashPassCode(code), ...more });
      const theLists = lists({ passes: [open], vehicles: [vehicle("AB10")] });
      const result = claimPass(theLists, written, plate, NOON);
      return "pass" in result ? `plate ${result.pass.plate}` : result.refused;
    };
    assert.equal(claim({}), "plate XY99");
    assert.equal(claim({ plate: "OLD1" }), "plate XY99");
    assert.equal(claim({ plate: "OLD1", used: 1 }), "already_used");
    assert.equal(claim({ plate: "XY99", used: 1 }), "plate XY99");
    assert.equal(claim({}, "XY99", "AAAAA-AAAAA"), "unknown_code");
    assert.equal(claim({ status: "revoked" }), "unknown_code");
    assert.equal(claim({ validUntil: NOON - 1 }), "expired");
    assert.equal(claim({ usesAllowed: 1, used: 1 }), "used_up");
    assert.equal(claim({}, " - "), "no_plate");
    assert.equal(claim({}, "AB1O"), "collision");
    assert.equal(claim({}, "AB10"), "plate AB10");
  });
});
