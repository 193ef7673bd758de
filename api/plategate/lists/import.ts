import { randomUUID } from "node:crypto";
import { z } from "zod";
import { parseTable, tableContent, TableError } from "../../../adapters/lists/table-files";
import { EXPORT_FIELDS, exportRows } from "../../../core/access/export-vehicles";
import {
  planImport,
  REFUSAL_CODES,
  type ImportLine,
  type ImportPlan,
} from "../../../core/access/import-vehicles";
import { mapColumns } from "../../../core/access/vehicle-columns";
import { actorOf, changeBy } from "../../auth/actor";
import { ApiError } from "../../errors";
import { readMultipart } from "../../http/multipart";
import { json, operation, type OperationContext } from "../../operations";

/** Largest file, in bytes. */
const MAX_FILE_BYTES = 20 * 1024 * 1024;
/** Refused lines that the answer names. */
const MAX_REFUSED = 500;

const formSchema = z.object({
  dry_run: z.enum(["true", "false"]).default("true"),
  existing: z.enum(["update", "skip", "refuse"]).default("update"),
});

const count = z.number().int();
const reportSchema = z.object({
  saved: z.boolean(),
  added: count,
  updated: count,
  unchanged: count,
  refused: count,
  ignored_columns: z.array(z.string()),
  lines: z
    .array(
      z.object({
        line: count,
        plate: z.string(),
        code: z.enum(REFUSAL_CODES),
        detail: z.string(),
      }),
    )
    .describe(`the refused lines, at most ${MAX_REFUSED}`),
});

/** Vehicles from a file; first what it would do, then, without `dry_run`, doing it. */
export const importVehicles = operation({
  id: "plategate.vehicles.import",
  permission: "lists.write",
  summary: "Take vehicles over from a CSV or XLSX file; a dry run unless told otherwise",
  method: "post",
  path: "/api/v1/vehicles/import",
  input: {},
  form: {
    fields: formSchema,
    files: { file: { description: "CSV or XLSX, headings in the first line", required: true } },
  },
  replies: { 200: { description: "What was, or would be, changed", body: reportSchema } },
  async handle(context) {
    const { request, body, services } = context;
    const read = Buffer.isBuffer(body) ? body : undefined;
    const form = await readMultipart(request, { fileSize: MAX_FILE_BYTES, files: 1 }, read);
    const options = formSchema.safeParse(form.fields);
    const file = form.files.find(({ field }) => field === "file");
    if (!options.success || !file) {
      throw ApiError.invalid("The form is not complete", [
        { field: file ? "existing" : "file", message: file ? "is not known" : "is missing" },
      ]);
    }
    const { lines, ignored } = await linesOf(file.data);
    const plan = planImport(lines, await services.access.snapshot(), {
      existing: options.data.existing,
      timeZone: services.timeZone,
      now: Date.now(),
      newId: randomUUID,
    });
    const saved = options.data.dry_run === "false";
    if (saved && plan.save.length > 0) {
      await services.access.vehicles.saveAll(plan.save);
      await note(context, "vehicle.import", { file: file.name, ...countsOf(plan) });
    }
    return json({
      saved,
      ...countsOf(plan),
      ignored_columns: ignored,
      lines: plan.refused.slice(0, MAX_REFUSED),
    });
  },
});

/** All vehicles as a file that can be imported again. */
export const exportVehicles = operation({
  id: "plategate.vehicles.export",
  permission: "lists.write",
  summary: "All vehicles as CSV or XLSX",
  method: "get",
  path: "/api/v1/vehicles.:format(csv|xlsx)",
  input: { params: z.object({ format: z.enum(["csv", "xlsx"]) }) },
  replies: { 200: { description: "The table", contentType: "text/csv; charset=utf-8" } },
  async handle(context, { params: { format } }) {
    const { services } = context;
    const rows = exportRows(await services.access.snapshot(), services.timeZone);
    await note(context, "vehicle.export", { format, vehicles: rows.length });
    return {
      status: 200,
      headers: {
        "Content-Type": format === "csv" ? "text/csv; charset=utf-8" : "application/octet-stream",
        "Content-Disposition": `attachment; filename="vehicles.${format}"`,
        "Cache-Control": "no-store",
      },
      body: await tableContent(format, EXPORT_FIELDS, rows),
    };
  },
});

async function linesOf(content: Buffer): Promise<{ lines: ImportLine[]; ignored: string[] }> {
  try {
    const table = await parseTable(content);
    const { fields, ignored } = mapColumns(table.headings, {});
    const lines = table.rows.map(({ line, cells }) => ({
      line,
      cells: Object.fromEntries(
        fields.flatMap((field, i) => (field ? [[field, cells[i] ?? ""]] : [])),
      ),
    }));
    return { lines, ignored };
  } catch (error) {
    if (!(error instanceof TableError) && !(error instanceof RangeError)) throw error;
    throw new ApiError(422, "VALIDATION_ERROR", `The file cannot be read: ${error.message}`, {
      errors: [{ field: "file", message: error.message }],
    });
  }
}

function countsOf({ added, updated, unchanged, refused }: ImportPlan) {
  return { added, updated, unchanged, refused: refused.length };
}

function note(
  context: OperationContext,
  action: string,
  detail: Record<string, unknown>,
): Promise<void> {
  return context.services.auth.audit(changeBy(actorOf(context), action, null, detail));
}
