import { readFile } from "node:fs/promises";
import { mailRuleFor, type Variables } from "../../core/notify/environment";
import type { Delivery, OutboxTarget } from "../../core/outbox/ports";
import { DEFAULT_RETRY, type Outcome } from "../../core/outbox/types";
import type { ReportRepository } from "../../core/reports/ports";
import type { ReportFormat } from "../../core/reports/types";
import { EmailSender } from "../notify/email";
import { REPORT_TYPES } from "./paths";
import { reportTexts } from "./texts";

/** Larger files are refused by many mail servers, in bytes. */
const MAX_ATTACHED = 15 * 1024 * 1024;

/** What waits in the outbox: a report for one address. */
export interface ReportMailItem {
  reportId: string;
  to: string;
}

export const REPORT_MAIL = "reports:mail";

/** Sends finished reports by mail, over the mail server of `SMTP_…`. */
export class ReportMail implements OutboxTarget {
  readonly id = REPORT_MAIL;
  readonly name = "Reports by mail";
  readonly retry = DEFAULT_RETRY;
  readonly concurrency = 1;
  readonly batch = 1;

  private constructor(
    private readonly sender: EmailSender,
    private readonly reports: () => Promise<ReportRepository>,
    private readonly pathOf: (id: string, format: ReportFormat) => string | null,
  ) {}

  /** @returns null where no mail server is set */
  static open(
    env: Variables,
    reports: () => Promise<ReportRepository>,
    pathOf: (id: string, format: ReportFormat) => string | null,
  ): ReportMail | null {
    // whom a mail goes to stands with each one
    const channel = mailRuleFor(["reports@localhost"], env)?.channel;
    if (channel?.type !== "email") return null;
    return new ReportMail(new EmailSender(channel), reports, pathOf);
  }

  async deliver(deliveries: readonly Delivery[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const { item } of deliveries) outcomes.push(await this.send(item.id, item.payload));
    return outcomes;
  }

  close(): Promise<void> {
    return this.sender.close();
  }

  private async send(id: string, payload: unknown): Promise<Outcome> {
    const { reportId, to } = payload as ReportMailItem;
    try {
      const report = await (await this.reports()).get(reportId);
      if (report?.state !== "done") return { result: "skipped", reason: "the report is gone" };
      const { name, format, language } = report.definition;
      const path = this.pathOf(reportId, format);
      const fits = path !== null && (report.size ?? Infinity) <= MAX_ATTACHED;
      const texts = reportTexts(language);
      const file = { name: `${reportId}.${format}`, contentType: REPORT_TYPES[format] };
      return await this.sender.sendFiles({
        id,
        to,
        subject: name.replace(/[\r\n]+/g, " "),
        text: `${name}\n\n${fits ? texts.mail : texts.mailTooLarge}\n`,
        files: fits ? [{ ...file, content: await readFile(path) }] : [],
      });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return { result: "failed", error: text };
    }
  }
}
