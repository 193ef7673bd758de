import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { secretBox } from "../../adapters/config/secret-box";
import { ReportService } from "../../adapters/reports/service";
import { repositoriesOf, type Repositories } from "../../adapters/store/repositories";
import { runRetention } from "../../adapters/store/retention-job";
import { DiskImages } from "../../adapters/images/disk";
import { lastDue } from "../../core/reports/times";
import {
  REPORT_FORMATS,
  type Report,
  type ReportDefinition,
  type ReportScheduleFields,
} from "../../core/reports/types";
import { waitFor } from "../fixtures/application";
import { testDatabase, type TestDatabase } from "../fixtures/databases";
import { anEvent, MONDAY } from "../fixtures/events";
import { outboxOver } from "../fixtures/outbox";
import { MailReceiver } from "../fixtures/receivers";

const HOUR = 3_600_000;
const NO_FILES = { deleteFiles: () => Promise.resolve(0) };
const DAY = 24 * HOUR;

const REPORT: ReportDefinition = {
  name: "Visits yesterday",
  kind: "passages",
  format: "csv",
  language: "en",
  period: "yesterday",
  start_date: null,
  end_date: null,
  filter: { plate: null, camera_id: null, lane_id: null, decision: null },
};
const SCHEDULE: ReportScheduleFields = {
  name: "Daily",
  enabled: true,
  report: REPORT,
  every: "day",
  at: "06:00",
  weekday: 1,
  day: 1,
  recipients: ["boss@example.org", "guard@example.org"],
};

describe("making reports", function () {
  this.timeout(60_000);
  let made: TestDatabase;
  let kept: Repositories;
  let mails: MailReceiver;
  let outbox: ReturnType<typeof outboxOver>;
  let now = MONDAY;
  const services: ReportService[] = [];

  before(async () => {
    made = (await testDatabase("sqlite")) as TestDatabase;
    kept = repositoriesOf(made.database, { key: null, hide: false }, secretBox(made.home, {}));
    mails = await MailReceiver.start();
    outbox = outboxOver(made.database);
    outbox.service.start();
    for (const [id, hours] of [
      ["old", 60],
      ["yesterday", 20],
      ["today", 1],
    ] as const) {
      const timestamp = MONDAY - hours * HOUR;
      await kept.events.create(anEvent(id, { timestamp, plateText: id.toUpperCase() }), timestamp);
    }
  });
  after(async () => {
    for (const service of services) await service.close();
    await outbox.service.close();
    await mails.stop();
    await made.drop();
  });

  function service(env: Record<string, string> = {}): ReportService {
    const one = new ReportService({
      open: () => Promise.resolve(kept),
      outbox: outbox.service,
      home: made.home,
      env,
      timeZone: "UTC",
      log: () => undefined,
      clock: () => now,
    });
    services.push(one);
    return one;
  }
  const finished = (id: string): Promise<Report> =>
    waitFor(
      async () => {
        const report = await kept.reports.get(id);
        return report && report.finishedAt !== null ? report : undefined;
      },
      20_000,
      () => `report ${id} to be made`,
    );

  it("makes what is asked for, with the times of then", async () => {
    const one = service();
    one.start();
    const asked = await one.request(REPORT, "kim");
    const report = await finished(asked.id);
    assert.deepEqual([report.state, report.rows, report.error], ["done", 1, null]);
    const file = await one.file(report);
    assert.equal(file?.size, report.size);
    file?.stream.destroy();
    const text = readFileSync(join(made.home, "reports", `${asked.id}.csv`), "utf8");
    assert.match(text, /YESTERDAY/);
    assert.doesNotMatch(text, /OLD|TODAY/);
    assert.equal(await one.delete(report), true);
    assert.deepEqual(readdirSync(join(made.home, "reports")), []);
  });

  it("makes a schedule's report once for a missed time, by one of two processes, and mails it", async () => {
    const env = { SMTP_SERVER: "127.0.0.1", SMTP_PORT: String(mails.port), SMTP_SECURITY: "none" };
    const [one, other] = [service(env), service(env)];
    assert.equal(one.canMail, true);
    one.start();
    other.start();
    const schedule = await kept.resources.report_schedules.create(null, SCHEDULE, now);
    one.wake();
    // three mornings pass while nothing runs
    now = MONDAY + 3 * DAY;
    one.wake();
    other.wake();
    const all = async () => (await kept.reports.list({ skip: 0, limit: 50 })).items;
    const [report] = await waitFor(
      async () => ((await all()).some(({ state }) => state === "done") ? all() : undefined),
      20_000,
      () => "the scheduled report",
    );
    assert.equal(report?.scheduleId, schedule.id);
    await waitFor(
      () => (mails.mails.length >= 2 ? true : undefined),
      20_000,
      () => "two mails",
    );
    assert.deepEqual(mails.mails.flatMap(({ to }) => to).sort(), SCHEDULE.recipients);
    assert.match(mails.mails[0]?.source ?? "", /Subject: Visits yesterday/);
    assert.match(mails.mails[0]?.source ?? "", /filename=scheduled-[0-9a-f]+\.csv/);
    one.wake();
    other.wake();
    now += HOUR;
    one.wake();
    // a later report shows that the earlier looks are over
    await finished((await one.request(REPORT, "kim")).id);
    assert.equal((await all()).filter(({ scheduleId }) => scheduleId !== null).length, 1);
    assert.equal(mails.mails.length, 2);
    now += DAY;
    one.wake();
    await waitFor(
      async () =>
        (await all()).filter(({ scheduleId, state }) => scheduleId && state === "done").length === 2
          ? true
          : undefined,
      20_000,
      () => "the next morning's report",
    );
    await waitFor(
      () => (mails.mails.length >= 4 ? true : undefined),
      20_000,
      () => "its two mails",
    );
  });

  it("makes no report twice that somebody deleted, and counts periods from when it was due", async () => {
    const one = service();
    const all = async () => (await kept.reports.list({ skip: 0, limit: 50 })).items;
    const mailed = mails.mails.length;
    for (const report of await all()) await one.delete(report);
    one.start();
    one.wake();
    // asked for later, so made after the schedules were looked at
    const marker = await finished((await one.request(REPORT, "kim")).id);
    assert.deepEqual(
      (await all()).map(({ id }) => id),
      [marker.id],
    );
    assert.equal(mails.mails.length, mailed);

    const [daily] = await kept.resources.report_schedules.all();
    assert.ok(daily);
    await kept.resources.report_schedules.delete(daily.id);
    const weekly = { ...SCHEDULE, name: "Weekly", every: "week" as const, recipients: [] };
    const { id } = await kept.resources.report_schedules.create(null, weekly, now);
    for (const [plate, days] of [
      ["SUNDAY", 6],
      ["TUESDAY", 8],
    ] as const) {
      const timestamp = MONDAY + days * DAY;
      await kept.events.create(anEvent(plate, { timestamp, plateText: plate }), timestamp);
    }
    // nothing runs from before Monday's 6:00 until Wednesday
    now = MONDAY + 9 * DAY;
    one.wake();
    const late = await waitFor(
      async () =>
        (await all()).find(({ scheduleId, state }) => scheduleId === id && state === "done"),
      20_000,
      () => "the weekly report",
    );
    assert.deepEqual([late.asOf, late.createdAt], [lastDue(weekly, now, "UTC"), now]);
    const text = readFileSync(join(made.home, "reports", `${late.id}.csv`), "utf8");
    assert.match(text, /SUNDAY/);
    assert.doesNotMatch(text, /TUESDAY/);
    await one.expire(now);
    const times = Object.keys(await kept.settings.all()).filter((name) => /due/.test(name));
    assert.deepEqual(times, [`reports.due.${id}`], "of the deleted schedule nothing is kept");
  });

  it("goes on after reports that the disk has no room for, and closes", async function () {
    if (!existsSync("/dev/full")) return this.skip(); // a disk that is always full
    const one = service();
    const ids: string[] = [];
    for (const format of REPORT_FORMATS) {
      const id = `full-${format}`;
      await symlink("/dev/full", join(made.home, "reports", `${id}.${format}.part`));
      const definition = { ...REPORT, format };
      await kept.reports.add({ ...(await one.request(definition, "kim")), id });
      ids.push(id);
    }
    one.start();
    one.wake();
    for (const id of ids) {
      const report = await finished(id);
      assert.equal(report.state, "failed", id);
      assert.match(report.error ?? "", /no space left|ENOSPC/);
    }
    const next = await finished((await one.request(REPORT, "kim")).id);
    assert.equal(next.state, "done");
    await one.close();
    const left = readdirSync(join(made.home, "reports")).filter((name) => name.endsWith(".part"));
    assert.deepEqual(left, []);
  });

  it("deletes reports in their time, and says so in the receipt", async () => {
    const one = service();
    const images = new DiskImages(join(made.home, "pictures"));
    now += 31 * DAY;
    const before = (await kept.reports.list({ skip: 0, limit: 0 })).total;
    assert.ok(before > 0);
    const receipt = await runRetention(kept, images, NO_FILES, now, () => one.expire(now));
    assert.deepEqual([receipt.error, receipt.reports], [null, before]);
    assert.deepEqual(readdirSync(join(made.home, "reports")), []);
  });
});
