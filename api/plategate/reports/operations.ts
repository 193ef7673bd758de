import { z } from "zod";
import { news } from "../../../adapters/news/news";
import { REPORT_TYPES } from "../../../adapters/reports/paths";
import type { Report } from "../../../core/reports/types";
import { actorOf, changeBy } from "../../auth/actor";
import { may } from "../../auth/permissions";
import { ApiError } from "../../errors";
import { json, operation, type Operation, type OperationContext } from "../../operations";
import { pageFields, pageSchema, text } from "../../schemas";
import { definitionErrors, definitionSchema, reportReply, reportView } from "./schemas";

/** Reports that may wait at once. */
const MAX_WAITING = 20;

const PATH = "/api/v1/reports";
const one = { params: z.object({ id: text(128) }) };
const answer = { description: "The report", body: reportReply };

async function reportOf({ services }: OperationContext, id: string): Promise<Report> {
  const { reports } = await services.store.open();
  const report = await reports.get(id);
  if (!report) throw ApiError.notFound("There is no such report");
  return report;
}

/** Who asked for a report may end it; managers may end any. */
function mayEnd({ principal }: OperationContext, report: Report): void {
  if (report.requestedBy === principal.name && report.scheduleId === null) return;
  if (!may(principal, "lists.write")) {
    throw ApiError.forbidden("Only who asked for a report, or a manager, may do this");
  }
}

const listReports = operation({
  id: "plategate.reports",
  permission: "analytics",
  summary: "Reports that were asked for, newest first",
  method: "get",
  path: PATH,
  input: { query: z.object(pageFields(50, 200)) },
  replies: {
    200: {
      description: "A page of reports",
      body: pageSchema(reportReply).extend({
        mail: z.boolean().describe("whether there is a mail server to send scheduled reports"),
        time_zone: z.string().describe("of the periods and schedules"),
      }),
    },
  },
  async handle({ services }, { query: { skip, limit } }) {
    const { store } = services;
    const { reports } = await store.open();
    const { items, total } = await reports.list({ skip, limit });
    const { canMail: mail, timeZone } = store.reports;
    return json({ items: items.map(reportView), total, skip, limit, mail, time_zone: timeZone });
  },
});

const requestReport = operation({
  id: "plategate.report_request",
  permission: "analytics",
  summary: "Ask for a report; it is made in the background",
  method: "post",
  path: PATH,
  input: { body: definitionSchema },
  replies: { 202: answer },
  async handle(context, { body }) {
    const { services, principal } = context;
    const errors = definitionErrors(body);
    if (errors.length > 0) {
      throw new ApiError(422, "VALIDATION_ERROR", "Request validation failed", { errors });
    }
    const { reports } = await services.store.open();
    if ((await reports.unfinished()) >= MAX_WAITING) {
      throw new ApiError(409, "CONFLICT", `${MAX_WAITING} reports wait: try again later`);
    }
    const report = await services.store.reports.request(body, principal.name);
    const { kind, format, period, start_date, end_date, filter } = body;
    const what = { kind, format, period, start_date, end_date, ...filter };
    const change = changeBy(actorOf(context), "report.request", `report:${report.id}`, what);
    await services.auth.audit(change);
    news.tell("reports");
    return json(reportView(report), 202);
  },
});

const getReport = operation({
  id: "plategate.report",
  permission: "analytics",
  summary: "One report, with how far it is",
  method: "get",
  path: `${PATH}/:id`,
  input: one,
  replies: { 200: answer },
  handle: async (context, { params: { id } }) => json(reportView(await reportOf(context, id))),
});

const reportFile = operation({
  id: "plategate.report_file",
  permission: "analytics",
  summary: "The file of a finished report",
  method: "get",
  path: `${PATH}/:id/file`,
  input: one,
  replies: { 200: { description: "The file", contentType: REPORT_TYPES.pdf } },
  async handle(context, { params: { id } }) {
    const report = await reportOf(context, id);
    const { services } = context;
    const file = await services.store.reports.file(report);
    if (!file) throw ApiError.notFound("This report has no file");
    const change = changeBy(actorOf(context), "report.download", `report:${id}`, {});
    await services.auth.audit(change);
    const { name, format } = report.definition;
    const day = new Date(report.createdAt).toISOString().slice(0, 10);
    const fileName = `${name.replace(/[^\p{L}\p{M}\p{N} ._-]/gu, "_")} ${day}.${format}`;
    return {
      status: 200,
      headers: {
        "Content-Type": REPORT_TYPES[format],
        "Content-Length": String(file.size),
        "Content-Disposition": `attachment; filename="report-${day}.${format}"; filename*=UTF-8''${encodeURIComponent(fileName)}`,
        "Cache-Control": "no-store",
      },
      stream: file.stream,
    };
  },
});

const cancelReport = operation({
  id: "plategate.report_cancel",
  permission: "analytics",
  summary: "Stop a report that waits or is being made",
  method: "post",
  path: `${PATH}/:id/cancel`,
  input: one,
  replies: { 200: answer },
  async handle(context, { params: { id } }) {
    const report = await reportOf(context, id);
    mayEnd(context, report);
    const { reports } = await context.services.store.open();
    await reports.cancel(id, Date.now());
    news.tell("reports");
    return json(reportView(await reportOf(context, id)));
  },
});

const deleteReport = operation({
  id: "plategate.report_delete",
  permission: "analytics",
  summary: "Delete a report with its file",
  method: "delete",
  path: `${PATH}/:id`,
  input: one,
  replies: { 204: { description: "It is gone" } },
  async handle(context, { params: { id } }) {
    const report = await reportOf(context, id);
    mayEnd(context, report);
    const { services } = context;
    await services.store.reports.delete(report);
    await services.auth.audit(changeBy(actorOf(context), "report.delete", `report:${id}`, {}));
    news.tell("reports");
    return { status: 204 };
  },
});

export const reportOperations: Operation[] = [
  listReports,
  requestReport,
  getReport,
  reportFile,
  cancelReport,
  deleteReport,
];
