import { join } from "node:path";
import { REPORT_FORMATS, type ReportFormat } from "../../core/reports/types";

/** Content types of the files. */
export const REPORT_TYPES: Readonly<Record<ReportFormat, string>> = {
  pdf: "application/pdf",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  csv: "text/csv; charset=utf-8",
};

/**
 * Where a report's file is.
 * @param folder of the reports
 * @returns null for an id or format that is none of ours: nothing outside the folder is ever named
 */
export function reportPath(folder: string, id: string, format: ReportFormat): string | null {
  const plain = /^[a-z0-9][a-z0-9-]{0,100}$/.test(id) && REPORT_FORMATS.includes(format);
  return plain ? join(folder, `${id}.${format}`) : null;
}
