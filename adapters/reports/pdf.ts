import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type PDFDocument from "pdfkit";
import type { Block, BlockSink, Cell } from "./blocks";
import { giveUp } from "./file";

const MARGIN = 40;
const INK = "#16242d";
const SOFT = "#4c5d68";
const LINE = "#ccd6dd";
const ACCENT = "#0b5f7c";
const ROW = 17;
const SIZE = 9;
/** Below the lines stands the page's number. */
const FOOT = 24;

/** Sarabun (SIL Open Font License) has Thai with its marks, and Latin. */
const FONTS = {
  regular: "@expo-google-fonts/sarabun/400Regular/Sarabun_400Regular.ttf",
  bold: "@expo-google-fonts/sarabun/700Bold/Sarabun_700Bold.ttf",
};

/** A report as PDF, a page at a time. */
export class PdfSink implements BlockSink {
  private readonly file: WriteStream;
  private readonly doc: Promise<PDFKit.PDFDocument>;
  private head: { cells: string[]; widths: number[] } | null = null;
  private y = MARGIN;
  private pages = 0;
  private failure: Error | null = null;

  /** @param pageText what stands before a page's number */
  constructor(
    path: string,
    private readonly pageText: string,
    private readonly layout: "portrait" | "landscape",
  ) {
    this.file = createWriteStream(path, { mode: 0o600 });
    this.file.on("error", (error) => (this.failure = error));
    this.doc = this.open();
    this.doc.catch((error: Error) => (this.failure = error));
  }

  private async open(): Promise<PDFKit.PDFDocument> {
    const { default: Document } = (await import("pdfkit")) as { default: typeof PDFDocument };
    const doc = new Document({
      size: "A4",
      layout: this.layout,
      margin: 0,
      autoFirstPage: false,
      info: { Creator: "Plategate" },
    });
    for (const [name, path] of Object.entries(FONTS)) {
      doc.registerFont(name, require.resolve(path));
    }
    doc.pipe(this.file);
    this.page(doc);
    return doc;
  }

  async write(block: Block): Promise<void> {
    const doc = await this.doc;
    if (this.failure) throw this.failure;
    switch (block.kind) {
      case "title":
        doc.font("bold").fontSize(18).fillColor(INK);
        doc.text(block.text, MARGIN, this.y, { width: this.width(doc) });
        this.y = doc.y + 6;
        break;
      case "facts":
        for (const [name, value] of block.facts) this.fact(doc, name, value);
        this.y += 6;
        break;
      case "section":
        this.head = null;
        this.room(doc, 150);
        doc.font("bold").fontSize(12).fillColor(ACCENT);
        doc.text(block.text, MARGIN, this.y + 8, { width: this.width(doc) });
        this.y = doc.y + 4;
        break;
      case "head":
        this.head = block;
        this.room(doc, 3 * ROW);
        this.line(doc, block.cells, block.widths, true);
        break;
      case "row":
        if (this.room(doc, ROW) && this.head) {
          this.line(doc, this.head.cells, this.head.widths, true);
        }
        this.line(doc, block.cells, this.head?.widths ?? [], false);
        break;
      case "bars":
        this.bars(doc, block.labels, block.values);
        break;
      case "note":
        this.room(doc, 3 * ROW);
        doc.font("regular").fontSize(SIZE).fillColor(SOFT);
        doc.text(block.text, MARGIN, this.y + 6, { width: this.width(doc) });
        this.y = doc.y + 6;
    }
    if (this.file.writableNeedDrain) await once(this.file, "drain");
  }

  async end(): Promise<void> {
    const doc = await this.doc;
    doc.end();
    await finished(this.file);
  }

  async destroy(): Promise<void> {
    await this.doc.catch(() => undefined);
    await giveUp(this.file);
  }

  private width(doc: PDFKit.PDFDocument): number {
    return doc.page.width - 2 * MARGIN;
  }

  private page(doc: PDFKit.PDFDocument): void {
    doc.addPage();
    this.pages++;
    this.y = MARGIN;
    const bottom = doc.page.height - FOOT - 4;
    doc.font("regular").fontSize(8).fillColor(SOFT);
    doc.text(`${this.pageText} ${this.pages}`, MARGIN, bottom, {
      width: this.width(doc),
      align: "right",
      lineBreak: false,
    });
  }

  /** A new page where so much does not fit any more. @returns whether there is one */
  private room(doc: PDFKit.PDFDocument, height: number): boolean {
    if (this.y + height <= doc.page.height - MARGIN - FOOT) return false;
    this.page(doc);
    return true;
  }

  private fact(doc: PDFKit.PDFDocument, name: string, value: string): void {
    this.room(doc, ROW);
    doc.font("bold").fontSize(SIZE).fillColor(SOFT);
    doc.text(name, MARGIN, this.y, { width: 130, lineBreak: false });
    doc.font("regular").fillColor(INK);
    doc.text(value, MARGIN + 136, this.y, { width: this.width(doc) - 136 });
    this.y = Math.max(this.y + ROW - 3, doc.y + 1);
  }

  private line(doc: PDFKit.PDFDocument, cells: Cell[], widths: number[], isHead: boolean): void {
    doc
      .font(isHead ? "bold" : "regular")
      .fontSize(SIZE)
      .fillColor(isHead ? SOFT : INK);
    let x = MARGIN;
    for (const [index, cell] of cells.entries()) {
      const width = (widths[index] ?? 0) * this.width(doc);
      const isNumber = typeof cell === "number";
      const text = fitting(doc, String(cell), width - 6);
      doc.text(text, x, this.y + 2, {
        width: width - 6,
        lineBreak: false,
        align: isNumber ? "right" : "left",
      });
      x += width;
    }
    this.y += ROW;
    doc.moveTo(MARGIN, this.y - 1).lineTo(MARGIN + this.width(doc), this.y - 1);
    doc.lineWidth(0.5).strokeColor(LINE).stroke();
  }

  /** Bars with their labels below, as many of these as there is room for. */
  private bars(doc: PDFKit.PDFDocument, labels: string[], values: number[]): void {
    const height = 90;
    this.room(doc, height + 30);
    const most = Math.max(1, ...values);
    const step = this.width(doc) / Math.max(1, values.length);
    const every = Math.ceil(44 / step);
    doc.font("regular").fontSize(7);
    for (const [index, value] of values.entries()) {
      const bar = (value / most) * height;
      const x = MARGIN + index * step;
      const wide = Math.min(40, step * 0.75);
      doc.rect(x, this.y + height - bar + 10, wide, Math.max(0.5, bar)).fill(ACCENT);
      if (index % every > 0) continue;
      doc.fillColor(SOFT).text(labels[index] ?? "", x, this.y + height + 13, { lineBreak: false });
      doc.fillColor(INK).text(String(value), x, this.y + height - bar, { lineBreak: false });
    }
    this.y += height + 30;
  }
}

/** The text, its end cut off where it is too wide. */
function fitting(doc: PDFKit.PDFDocument, text: string, width: number): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}]/gu, " ");
  if (doc.widthOfString(clean) <= width) return clean;
  const characters = [...new Intl.Segmenter().segment(clean.slice(0, 200))].map(
    (one) => one.segment,
  );
  while (characters.length > 0 && doc.widthOfString(`${characters.join("")}…`) > width) {
    characters.pop();
  }
  return `${characters.join("")}…`;
}
