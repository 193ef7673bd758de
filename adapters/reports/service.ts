import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Resource } from "../../core/config/types";
import type { SettingsRepository } from "../../core/auth/ports";
import type { EventRepository } from "../../core/events/ports";
import type { ResourceRepository } from "../../core/config/ports";
import type { ReportRepository } from "../../core/reports/ports";
import { lastDue } from "../../core/reports/times";
import {
  REPORT_DAYS_SETTING,
  reportDays,
  type Report,
  type ReportDefinition,
} from "../../core/reports/types";
import { news } from "../news/news";
import type { OutboxService } from "../outbox/service";
import { REPORT_MAIL, ReportMail, type ReportMailItem } from "./mail";
import { makeReport } from "./make";
import { reportPath } from "./paths";

/** What reports are made of and with. */
export interface ReportParts {
  open(): Promise<{
    reports: ReportRepository;
    events: EventRepository;
    settings: SettingsRepository;
    resources: { report_schedules: ResourceRepository<"report_schedules"> };
  }>;
  outbox: OutboxService;
  /** PLATEGATE_HOME. */
  home: string;
  env: NodeJS.ProcessEnv;
  /** IANA zone of the site. */
  timeZone: string;
  log: (level: "info" | "warn" | "error", message: string) => void;
  clock?: () => number;
}

/** How often schedules and what other processes left are looked for. */
const LOOK_MS = 15_000;
/** So long a report is this process's without a word from it. */
const LEASE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Before a schedule's id: name of the setting with the time, ms, that its last report was due. */
const DUE_SETTING = "reports.due.";

/** Ends the making of a report that was cancelled. */
class Cancelled extends Error {}

/** Makes reports one after the other, when asked and by schedule; keeps their files. */
export class ReportService {
  private readonly owner = randomUUID();
  private readonly folder: string;
  private readonly clock: () => number;
  private readonly mail: ReportMail | null;
  private unregister: (() => Promise<void>) | null = null;
  private timer: NodeJS.Timeout | null = null;
  private working: Promise<void> | null = null;
  private again = false;
  private stopped = false;

  constructor(private readonly parts: ReportParts) {
    this.folder = join(parts.home, "reports");
    this.clock = parts.clock ?? Date.now;
    const repository = async () => (await parts.open()).reports;
    this.mail = this.openMail(repository);
  }

  /** Whether there is a mail server to send reports with. */
  get canMail(): boolean {
    return this.mail !== null;
  }

  get timeZone(): string {
    return this.parts.timeZone;
  }

  start(): void {
    if (this.timer || this.stopped) return;
    if (this.mail) this.unregister = this.parts.outbox.register(this.mail);
    this.timer = setInterval(() => this.wake(), LOOK_MS);
    this.timer.unref();
  }

  /** Looks for work now. */
  wake(): void {
    if (this.stopped) return;
    if (this.working) this.again = true;
    else {
      this.working = this.work().finally(() => {
        this.working = null;
        if (this.again) this.wake();
      });
    }
  }

  /** What is being made is given up; another process, or the next start, makes it. */
  async close(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    await this.working;
    await this.unregister?.();
  }

  /** Asks for a report. @returns it, waiting */
  async request(definition: ReportDefinition, requestedBy: string): Promise<Report> {
    const report = newReport(randomUUID(), definition, requestedBy, null, this.clock());
    await (await this.parts.open()).reports.add(report);
    this.wake();
    return report;
  }

  /** A finished report's file. @returns null where there is none */
  async file({ id, definition, state }: Report): Promise<{
    size: number;
    stream: ReturnType<typeof createReadStream>;
  } | null> {
    const path = state === "done" ? this.pathOf(id, definition.format) : null;
    const size = path
      ? await stat(path).then(
          (info) => info.size,
          () => null,
        )
      : null;
    return path === null || size === null ? null : { size, stream: createReadStream(path) };
  }

  /** Deletes a report with its file. @returns false where there was none */
  async delete(report: Report): Promise<boolean> {
    const { reports } = await this.parts.open();
    await reports.cancel(report.id, this.clock());
    const path = this.pathOf(report.id, report.definition.format);
    if (path) await rm(path, { force: true });
    return reports.delete(report.id);
  }

  /** Deletes what was kept long enough. @returns how many */
  async expire(now: number): Promise<number> {
    const { reports, settings } = await this.parts.open();
    const days = reportDays(await settings.get(REPORT_DAYS_SETTING));
    const old = await reports.expired(now - days * DAY_MS);
    for (const report of old) await this.delete(report);
    await this.forgetSchedules();
    return old.length;
  }

  /** Drops what was kept of schedules that are gone. */
  private async forgetSchedules(): Promise<void> {
    const { settings, resources } = await this.parts.open();
    for (const name of Object.keys(await settings.all())) {
      if (!name.startsWith(DUE_SETTING)) continue;
      const schedule = await resources.report_schedules.get(name.slice(DUE_SETTING.length));
      if (!schedule) await settings.delete(name);
    }
  }

  private openMail(repository: () => Promise<ReportRepository>): ReportMail | null {
    try {
      return ReportMail.open(this.parts.env, repository, (id, format) => this.pathOf(id, format));
    } catch (error) {
      this.parts.log("warn", `reports cannot be mailed: ${String(error)}`);
      return null;
    }
  }

  private pathOf(id: string, format: ReportDefinition["format"]): string | null {
    return reportPath(this.folder, id, format);
  }

  /** Never rejects. */
  private async work(): Promise<void> {
    this.again = false;
    try {
      await this.schedule();
      const { reports } = await this.parts.open();
      while (!this.stopped) {
        const report = await reports.claim(this.owner, this.clock(), LEASE_MS);
        if (!report) return;
        await this.make(report);
      }
    } catch (error) {
      this.parts.log("warn", `reports wait: ${String(error)}`);
    }
  }

  /** Asks for what schedules want; a time that was missed is made up for once. */
  private async schedule(): Promise<void> {
    const { reports, resources, settings } = await this.parts.open();
    const now = this.clock();
    for (const schedule of await resources.report_schedules.all()) {
      if (!schedule.fields.enabled) continue;
      const due = lastDue(schedule.fields, now, this.parts.timeZone);
      // a schedule begins with its next time, not with one before it was made or changed
      if (due < schedule.updatedAt) continue;
      // kept apart from the report, which may be deleted before the next is due
      const last = await settings.get(DUE_SETTING + schedule.id);
      if (typeof last === "number" && last >= due) continue;
      const isNew = await reports.add(scheduledReport(schedule, due, now));
      await settings.set(DUE_SETTING + schedule.id, due, now);
      if (isNew) news.tell("reports");
    }
  }

  private async make(report: Report): Promise<void> {
    const { reports, events } = await this.parts.open();
    const path = this.pathOf(report.id, report.definition.format);
    let told = 0;
    const progress = async (done: number, total: number) => {
      const now = this.clock();
      if (this.stopped) throw new Cancelled("this process stops");
      if (now - told < 1000) return;
      told = now;
      const percent = Math.min(99, Math.floor((done / Math.max(1, total)) * 100));
      if (!(await reports.progress(report.id, this.owner, percent, now + LEASE_MS))) {
        throw new Cancelled("it was cancelled");
      }
      news.tell("reports");
    };
    try {
      if (path === null) throw new Error("the report has no place");
      const { timeZone } = this.parts;
      const now = report.createdAt;
      const { rows, size } = await makeReport(report, path, { events, timeZone, now, progress });
      const outcome = { state: "done", rows, size, error: null } as const;
      const mine = await reports.finish(report.id, this.owner, outcome, this.clock());
      if (!mine) await rm(path, { force: true });
      else await this.send(report);
    } catch (error) {
      if (error instanceof Cancelled) {
        if (this.stopped) await reports.progress(report.id, this.owner, 0, 0);
        return;
      }
      const text = error instanceof Error ? error.message : String(error);
      this.parts.log("error", `report ${report.id}: ${text}`);
      const outcome = { state: "failed", rows: null, size: null, error: text } as const;
      await reports.finish(report.id, this.owner, outcome, this.clock());
    } finally {
      news.tell("reports");
    }
  }

  /** A mail for each address of the schedule, in the outbox. */
  private async send({ id, scheduleId }: Report): Promise<void> {
    if (scheduleId === null) return;
    const { resources } = await this.parts.open();
    const schedule = await resources.report_schedules.get(scheduleId);
    const recipients = schedule?.fields.recipients ?? [];
    if (recipients.length > 0 && !this.mail) {
      this.parts.log("warn", `report ${id} is not mailed: no mail server is set (SMTP_SERVER)`);
      return;
    }
    for (const to of recipients) {
      const payload: ReportMailItem = { reportId: id, to };
      const item = { lane: to.slice(0, 128), kind: "report", eventId: null, payload };
      await this.parts.outbox.enqueue(REPORT_MAIL, { ...item, key: `${id}:${to}` });
    }
  }
}

/** A schedule's report for one time has one id: of several processes one makes it. */
function scheduledReport(schedule: Resource<"report_schedules">, due: number, now: number): Report {
  const { id, fields } = schedule;
  const hash = createHash("sha256").update(`${id} ${due}`).digest("hex").slice(0, 32);
  const report = newReport(`scheduled-${hash}`, fields.report, `schedule ${fields.name}`, id, now);
  return { ...report, asOf: due };
}

function newReport(
  id: string,
  definition: ReportDefinition,
  requestedBy: string,
  scheduleId: string | null,
  createdAt: number,
): Report {
  return {
    id,
    definition,
    scheduleId,
    requestedBy: requestedBy.slice(0, 255),
    state: "queued",
    progress: 0,
    rows: null,
    size: null,
    error: null,
    createdAt,
    asOf: createdAt,
    finishedAt: null,
  };
}
