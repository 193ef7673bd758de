import type { PushedImages } from "../../core/pushed/types";

/** A part of a multipart stream or body. */
export interface ReportPart {
  body: Buffer;
  /** The part's headers as they came. */
  head: string;
}

/** A report with the pictures that came after it. */
export interface Report {
  text: string;
  images: PushedImages;
}

/** Pictures that are late are not waited for: a vehicle stands at the gate (ms). */
const PICTURES_MS = 700;

/**
 * Puts a stream's parts together: a text, then its pictures. Cameras send all of one
 * report before they begin the next.
 */
export class Assembler {
  private waiting: { report: Report; missing: number; timer: NodeJS.Timeout } | null = null;

  /**
   * @param picturesOf how many pictures a text announces; null: it is no report
   * @param onReport gets each report once
   */
  constructor(
    private readonly picturesOf: (text: string) => number | null,
    private readonly onReport: (report: Report) => void,
  ) {}

  take({ body, head }: ReportPart): void {
    if (isPicture(body)) this.addPicture(body, head);
    else this.begin(body.toString("utf8"));
  }

  /** Hands on what waits for pictures. */
  flush(): void {
    const { waiting } = this;
    if (!waiting) return;
    this.waiting = null;
    clearTimeout(waiting.timer);
    this.onReport(waiting.report);
  }

  private begin(text: string): void {
    this.flush();
    const missing = this.picturesOf(text);
    if (missing === null) return;
    const report = { text, images: { frame: null, crop: null } };
    const timer = setTimeout(() => this.flush(), PICTURES_MS);
    this.waiting = { report, missing, timer };
    if (missing <= 0) this.flush();
  }

  private addPicture(picture: Buffer, head: string): void {
    const { waiting } = this;
    if (!waiting) return; // of a report that is no plate
    place(waiting.report.images, picture, head);
    waiting.missing -= 1;
    if (waiting.missing <= 0) this.flush();
  }
}

/** Puts a picture where its name says it belongs. */
export function place(images: PushedImages, picture: Buffer, name: string): void {
  const plate = /licen[cs]e_?plate|plate_?(picture|image|crop)|crop/i.test(name);
  if (plate && !images.crop) images.crop = picture;
  else images.frame ??= picture;
}

/** JPEG or PNG, by its first bytes: not every camera names the type. */
export function isPicture(body: Buffer): boolean {
  return body[0] === 0xff ? body[1] === 0xd8 : body.subarray(1, 4).toString("latin1") === "PNG";
}
