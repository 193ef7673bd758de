import { stringify } from "csv-stringify/sync";
import type { Block, BlockSink, Cell } from "./blocks";
import { PieceFile } from "./file";

/** So that spreadsheets take it for UTF-8 and show Thai. */
const MARK = "\uFEFF";

/** A report as CSV: tables with their headings; sections begin with an empty line. */
export class CsvSink implements BlockSink {
  private readonly file: PieceFile;
  private begun = false;

  /** @param path of the file @param tableOnly leaves out what is no table: for a list alone */
  constructor(
    path: string,
    private readonly tableOnly: boolean,
  ) {
    this.file = new PieceFile(path);
  }

  async write(block: Block): Promise<void> {
    const lines = linesOf(block, this.tableOnly);
    if (lines.length === 0) return;
    const text = stringify(lines, { record_delimiter: "windows", escape_formulas: true });
    await this.file.write(this.begun ? text : MARK + text);
    this.begun = true;
  }

  end(): Promise<void> {
    return this.file.end();
  }

  destroy(): Promise<void> {
    return this.file.destroy();
  }
}

/** A block as lines of a table. */
export function linesOf(block: Block, tableOnly: boolean): Cell[][] {
  switch (block.kind) {
    case "head":
    case "row":
      return [block.cells];
    case "title":
    case "note":
      return tableOnly ? [] : [[block.text]];
    case "facts":
      return tableOnly ? [] : block.facts;
    case "section":
      return tableOnly ? [] : [[""], [block.text]];
    case "bars":
      return [];
  }
}
