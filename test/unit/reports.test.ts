import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSheet } from "read-excel-file/node";
import { DatabaseEvents } from "../../adapters/database/repositories/events";
import { DatabaseReports } from "../../adapters/database/repositories/reports";
import { makeReport } from "../../adapters/reports/make";
import { reportPath } from "../../adapters/reports/paths";
import { lastDue, nextDue, rangeOf } from "../../core/reports/times";
import type { Report, ReportDefinition } from "../../core/reports/types";
import { testDatabase, type TestDatabase } from "../fixtures/databases";
import { anEvent, MONDAY } from "../fixtures/events";

const BANGKOK = "Asia/Bangkok";
const MINUTE = 60_000;

function definition(changes: Partial<ReportDefinition> = {}): ReportDefinition {
  return {
    name: "รายงานประตูเหนือ",
    kind: "passages",
    format: "csv",
    language: "th",
    period: "custom",
    start_date: new Date(MONDAY).toISOString(),
    end_date: new Date(MONDAY + 3000 * MINUTE).toISOString(),
    filter: { plate: null, camera_id: null, lane_id: null, decision: null },
    ...changes,
  };
}
function aReport(id: string, changes: Partial<ReportDefinition> = {}): Report {
  return {
    id,
    definition: definition(changes),
    scheduleId: null,
    requestedBy: "kim",
    state: "queued",
    progress: 0,
    rows: null,
    size: null,
    error: null,
    createdAt: MONDAY,
    asOf: MONDAY,
    finishedAt: null,
  };
}

describe("times of reports", () => {
  const at = (text: string) => Date.parse(text);
  const range = (period: ReportDefinition["period"], now: string, zone = BANGKOK) => {
    const { from, to } = rangeOf({ period, start_date: null, end_date: null }, at(now), zone);
    return [new Date(from).toISOString(), new Date(to).toISOString()];
  };

  it("are days, weeks and months of the site's clock", () => {
    const now = "2026-03-04T20:00:00Z"; // Thursday 3:00 in Bangkok
    assert.deepEqual(range("today", now), ["2026-03-04T17:00:00.000Z", "2026-03-04T20:00:00.000Z"]);
    assert.deepEqual(range("yesterday", now), [
      "2026-03-03T17:00:00.000Z",
      "2026-03-04T16:59:59.999Z",
    ]);
    assert.deepEqual(range("last_week", now), [
      "2026-02-22T17:00:00.000Z",
      "2026-03-01T16:59:59.999Z",
    ]);
    assert.deepEqual(range("last_month", now), [
      "2026-01-31T17:00:00.000Z",
      "2026-02-28T16:59:59.999Z",
    ]);
    // the day on which clocks go forward has 23 hours
    assert.deepEqual(range("yesterday", "2026-03-30T10:00:00Z", "Europe/Vienna"), [
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T21:59:59.999Z",
    ]);
  });

  it("come round each day, week or month", () => {
    const daily = { every: "day" as const, at: "06:00", weekday: 1, day: 1 };
    const iso = (ms: number) => new Date(ms).toISOString();
    const noon = at("2026-03-04T05:00:00Z"); // noon in Bangkok, a Wednesday
    assert.equal(iso(lastDue(daily, noon, BANGKOK)), "2026-03-03T23:00:00.000Z");
    assert.equal(iso(nextDue(daily, noon, BANGKOK)), "2026-03-04T23:00:00.000Z");
    const weekly = { ...daily, every: "week" as const, weekday: 5 };
    assert.equal(iso(lastDue(weekly, noon, BANGKOK)), "2026-02-26T23:00:00.000Z");
    assert.equal(iso(nextDue(weekly, noon, BANGKOK)), "2026-03-05T23:00:00.000Z");
    const monthly = { ...daily, every: "month" as const, day: 31 };
    assert.equal(iso(lastDue(monthly, noon, BANGKOK)), "2026-02-27T23:00:00.000Z");
    assert.equal(iso(nextDue(monthly, noon, BANGKOK)), "2026-03-30T23:00:00.000Z");
    const exact = at("2026-03-03T23:00:00Z");
    assert.equal(lastDue(daily, exact, BANGKOK), exact);
    assert.equal(iso(nextDue(daily, exact, BANGKOK)), "2026-03-04T23:00:00.000Z");
  });

  it("name no file outside their folder", () => {
    assert.equal(reportPath("/r", "abc-1", "pdf"), "/r/abc-1.pdf");
    for (const id of ["../x", "a/b", "", ".", "a.b", "A", "-a", "a\0"]) {
      assert.equal(reportPath("/r", id, "pdf"), null, id);
    }
    assert.equal(reportPath("/r", "abc", "pdf/../../x" as never), null);
  });
});

for (const dialect of ["sqlite", "postgres", "mysql"] as const) {
  describe(`reports: ${dialect}`, function () {
    this.timeout(120_000);
    let test: TestDatabase;
    let events: DatabaseEvents;
    const folder = mkdtempSync(join(tmpdir(), "plategate-reports-"));
    const COUNT = 1234;

    before(async function () {
      const made = await testDatabase(dialect);
      if (typeof made === "string") return this.skip();
      test = made;
      events = new DatabaseEvents(test.database);
      for (let i = 0; i < COUNT; i++) {
        const plateText = i % 2 ? "กข1234" : `AB${i}`;
        const refused = i % 10 === 0;
        await events.save(
          anEvent(`e${String(i).padStart(5, "0")}`, {
            plateText,
            cameraId: i % 3 ? "north" : "=HYPERLINK(1)",
            // several at the same moment: pages must not lose or double any
            timestamp: MONDAY + Math.floor(i / 7) * MINUTE,
            decision: refused ? "deny" : "open",
            reason: refused ? "outside_schedule" : "allowed",
            vehicleId: i % 20 === 0 ? null : "v1",
          }),
          MONDAY,
        );
      }
    });
    after(async () => {
      rmSync(folder, { recursive: true, force: true });
      await test?.drop();
    });

    async function made(id: string, changes: Partial<ReportDefinition>): Promise<string> {
      const report = aReport(id, changes);
      const path = join(folder, `${id}.${report.definition.format}`);
      const told: number[] = [];
      const progress = async (done: number) => void told.push(done);
      await makeReport(report, path, { events, timeZone: BANGKOK, now: MONDAY, progress });
      assert.ok(told.length > 0);
      return path;
    }

    it("hold each passage once, oldest first, as CSV", async () => {
      const text = readFileSync(await made("list", {}), "utf8");
      const lines = text.trim().split("\r\n");
      assert.equal(lines.length, COUNT + 1);
      assert.ok(text.startsWith("\uFEFFเวลา,ป้ายทะเบียน,"));
      assert.match(lines[1] ?? "", /^2026-03-02 17:00:00,AB0,90 %,ปิด,/);
      assert.ok(text.includes("'=HYPERLINK(1)"), "no cell is a formula");
      const times = lines.slice(1).map((line) => line.slice(0, 19));
      assert.deepEqual(times, [...times].sort());
    });

    it("hold the same as XLSX, and what a filter asks for", async () => {
      const sheet = await readSheet(await made("all", { format: "xlsx" }));
      assert.equal(sheet.length, COUNT + 1);
      assert.equal(sheet[2]?.[1], "กข1234");
      const filter = { ...definition().filter, plate: "ab1?", decision: "open" as const };
      const few = await readSheet(await made("few", { format: "xlsx", filter }));
      const plates = few.slice(1).map((row) => row[1]);
      assert.deepEqual(plates, ["AB12", "AB14", "AB16", "AB18"]);
    });

    it("tell figures by day, decision, list and camera", async () => {
      const text = readFileSync(await made("sum", { kind: "summary", language: "en" }), "utf8");
      assert.match(text, /Open,1110,90.0 %/);
      assert.match(text, /Closed,124,10.0 %/);
      assert.match(text, /north,822,/);
      assert.match(text, /Vehicles,1172,/);
      assert.match(text, /Visitors,62,/);
      assert.match(text, /2026-03-02,/);
      assert.match(text, /Passages,1234/);
    });

    it("are PDFs whose Thai can be read and searched", async function () {
      for (const kind of ["summary", "passages"] as const) {
        const path = await made(`pdf-${kind}`, { kind, format: "pdf" });
        assert.equal(readFileSync(path).subarray(0, 5).toString(), "%PDF-");
        let text: string;
        try {
          text = execFileSync("pdftotext", ["-layout", path, "-"], { encoding: "utf8" });
        } catch (error) {
          if ((error as { code?: string }).code === "ENOENT") return this.skip();
          throw error;
        }
        assert.ok(text.includes("รายงานประตูเหนือ"), text.slice(0, 300));
        if (kind === "passages") assert.ok(text.includes("กข1234"));
      }
    });

    it("leave nothing behind where they are stopped", async () => {
      const path = join(folder, "stopped.csv");
      const progress = () => Promise.reject(new Error("enough"));
      await assert.rejects(
        makeReport(aReport("stopped"), path, { events, timeZone: BANGKOK, now: MONDAY, progress }),
        /enough/,
      );
      assert.throws(() => readFileSync(path), /ENOENT/);
      assert.throws(() => readFileSync(`${path}.part`), /ENOENT/);
    });

    it("are made by one process, and by another when that one dies", async () => {
      const reports = new DatabaseReports(test.database);
      assert.equal(await reports.add(aReport("r1")), true);
      assert.equal(await reports.add(aReport("r1", { name: "other" })), false);
      const [a, b] = await Promise.all([
        reports.claim("a", MONDAY, 1000),
        reports.claim("b", MONDAY, 1000),
      ]);
      assert.equal([a, b].filter(Boolean).length, 1);
      const [first, second] = a ? ["a", "b"] : ["b", "a"];
      assert.ok(first && second);
      assert.equal(await reports.progress("r1", first, 40, MONDAY + 2000), true);
      assert.equal((await reports.get("r1"))?.progress, 40);
      assert.equal(await reports.claim(second, MONDAY + 1500, 1000), null);
      assert.equal((await reports.claim(second, MONDAY + 2500, 1000))?.id, "r1");
      const done = { state: "done", rows: 5, size: 10, error: null } as const;
      assert.equal(await reports.finish("r1", first, done, MONDAY), false);
      assert.equal(await reports.finish("r1", second, done, MONDAY), true);
      assert.equal(await reports.cancel("r1", MONDAY), false, "it has finished");
      await reports.add(aReport("r2"));
      assert.equal(await reports.unfinished(), 1);
      assert.equal(await reports.cancel("r2", MONDAY), true);
      assert.equal(await reports.claim("a", MONDAY + 9999, 1000), null);
      assert.deepEqual((await reports.expired(MONDAY + 1)).map(({ id }) => id).sort(), [
        "r1",
        "r2",
      ]);
    });
  });
}
