import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Report } from "../../core/reports/types";
import type { BlockSink } from "./blocks";
import { contentOf, type ContentParts } from "./content";
import { CsvSink } from "./csv";
import { PdfSink } from "./pdf";
import { reportTexts } from "./texts";
import { XlsxSink } from "./xlsx";

/** Blocks after which others get their turn: some milliseconds of work. */
const BREATH = 50;

/**
 * Makes a report's file: written beside its place and renamed, so that nobody gets half of one.
 * @returns lines of passages, and bytes
 */
export async function makeReport(
  report: Report,
  path: string,
  parts: ContentParts,
): Promise<{ rows: number; size: number }> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const part = `${path}.part`;
  const sink = sinkOf(report, part);
  let rows = 0;
  let blocks = 0;
  try {
    for await (const block of contentOf(report, parts)) {
      if (block.kind === "row") rows++;
      await sink.write(block);
      if (++blocks % BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await sink.end();
    await rename(part, path);
  } catch (error) {
    await sink.destroy();
    await rm(part, { force: true });
    throw error;
  }
  return { rows, size: (await stat(path)).size };
}

function sinkOf({ definition }: Report, path: string): BlockSink {
  const { format, kind, language } = definition;
  const isList = kind === "passages";
  if (format === "csv") return new CsvSink(path, isList);
  if (format === "xlsx") return new XlsxSink(path, isList);
  return new PdfSink(path, reportTexts(language).page, isList ? "landscape" : "portrait");
}
