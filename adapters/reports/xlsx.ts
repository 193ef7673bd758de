import { strToU8, Zip, ZipDeflate } from "fflate";
import type { Block, BlockSink, Cell } from "./blocks";
import { linesOf } from "./csv";
import { PieceFile } from "./file";

/** A sheet holds 1,048,576 lines; further ones go to a next sheet. */
const SHEET_ROWS = 1_000_000;
/** Text is compressed in pieces of about this size, which take a moment each. */
const PIECE = 32_768;

/** Reports have fewer columns. */
const COLUMNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml";
/** Cell formats 0 plain, 1 bold. */
const STYLES = `${XML}<styleSheet xmlns="${MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/></cellXfs></styleSheet>`;

/**
 * A report as XLSX, written as it comes: a million lines take no more memory than ten.
 * (The writer for small tables holds all of them; see adapters/lists/table-files.)
 */
export class XlsxSink implements BlockSink {
  private readonly file: PieceFile;
  private readonly zip: Zip;
  private readonly pieces: Uint8Array[] = [];
  private sheet: ZipDeflate | null = null;
  private sheets = 0;
  private rows = 0;
  private text = "";
  private failure: Error | null = null;

  /** @param path of the file @param tableOnly leaves out what is no table: for a list alone */
  constructor(
    path: string,
    private readonly tableOnly: boolean,
  ) {
    this.file = new PieceFile(path);
    this.zip = new Zip((error, piece) => {
      if (error) this.failure = error;
      else this.pieces.push(piece);
    });
  }

  async write(block: Block): Promise<void> {
    const bold = block.kind === "head" || block.kind === "title" || block.kind === "section";
    for (const cells of linesOf(block, this.tableOnly)) {
      if (!this.sheet || this.rows === SHEET_ROWS) await this.nextSheet();
      this.rows++;
      this.text += `<row r="${this.rows}">${cells.map((cell, column) => cellOf(cell, `${COLUMNS[column]}${this.rows}`, bold)).join("")}</row>`;
    }
    if (this.text.length >= PIECE) await this.flush();
  }

  async end(): Promise<void> {
    if (!this.sheet) await this.nextSheet();
    await this.endSheet();
    const numbers = Array.from({ length: this.sheets }, (_, i) => i + 1);
    const part = (name: string, type: string) =>
      `<Override PartName="/xl/${name}.xml" ContentType="${TYPE}.${type}+xml"/>`;
    const relation = (id: string, type: string, target: string) =>
      `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`;
    await this.add(
      "xl/workbook.xml",
      `${XML}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${numbers.map((n) => `<sheet name="${n}" sheetId="${n}" r:id="rId${n}"/>`).join("")}</sheets></workbook>`,
    );
    await this.add(
      "xl/_rels/workbook.xml.rels",
      `${XML}<Relationships xmlns="${PACKAGE}/relationships">${numbers.map((n) => relation(`rId${n}`, "worksheet", `worksheets/sheet${n}.xml`)).join("")}${relation(`rId${this.sheets + 1}`, "styles", "styles.xml")}</Relationships>`,
    );
    await this.add("xl/styles.xml", STYLES);
    await this.add(
      "_rels/.rels",
      `${XML}<Relationships xmlns="${PACKAGE}/relationships">${relation("rId1", "officeDocument", "xl/workbook.xml")}</Relationships>`,
    );
    await this.add(
      "[Content_Types].xml",
      `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${part("workbook", "sheet.main")}${part("styles", "styles")}${numbers.map((n) => part(`worksheets/sheet${n}`, "worksheet")).join("")}</Types>`,
    );
    this.zip.end();
    await this.store();
    await this.file.end();
  }

  async destroy(): Promise<void> {
    this.zip.terminate();
    await this.file.destroy();
  }

  private async nextSheet(): Promise<void> {
    await this.endSheet();
    this.sheets++;
    this.rows = 0;
    this.sheet = new ZipDeflate(`xl/worksheets/sheet${this.sheets}.xml`, { level: 3 });
    this.zip.add(this.sheet);
    this.text = `${XML}<worksheet xmlns="${MAIN}"><sheetFormatPr defaultRowHeight="15" defaultColWidth="18"/><sheetData>`;
  }

  private async endSheet(): Promise<void> {
    if (!this.sheet) return;
    this.text += "</sheetData></worksheet>";
    await this.flush(true);
    this.sheet = null;
  }

  private async flush(last = false): Promise<void> {
    this.sheet?.push(strToU8(this.text), last);
    this.text = "";
    await this.store();
  }

  private async add(name: string, text: string): Promise<void> {
    const part = new ZipDeflate(name);
    this.zip.add(part);
    part.push(strToU8(text), true);
    await this.store();
  }

  private async store(): Promise<void> {
    if (this.failure) throw this.failure;
    for (const piece of this.pieces.splice(0)) await this.file.write(piece);
  }
}

function cellOf(cell: Cell, at: string, bold: boolean): string {
  const style = ` r="${at}"${bold ? ' s="1"' : ""}`;
  if (typeof cell === "number") return `<c${style}><v>${cell}</v></c>`;
  return `<c t="inlineStr"${style}><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
}

/** Text as XML has it, without characters that it does not have. */
function escaped(text: string): string {
  return text
    .replace(/[&<>]/g, (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[char] ?? char)
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "");
}
