import { MAX_PICTURE_BYTES } from "./picture-header";

const HEAD_END = Buffer.from("\r\n\r\n");
const MAX_HEAD = 16 << 10;
/** A part's body, and its headers as they came. */
export type OnPart = (body: Buffer, head: string) => void;

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Cuts a multipart stream (RFC 2046, as cameras write it: pictures, or reports with
 * pictures) into its parts. Cameras differ: with or without Content-Length, with or without the two
 * dashes in the header's boundary; both are taken.
 */
export class MultipartReader {
  private readonly boundary: Buffer;
  private buffered: Buffer = EMPTY;
  private chunks: Buffer[] = [];
  private size = 0;
  /** Bytes wanted before looking again; saves searching the same bytes for each chunk. */
  private wanted = 0;
  private state: "boundary" | "head" | "body" = "boundary";
  private length: number | null = null;
  private partHead = "";
  private searched = 0;

  constructor(boundary: string) {
    this.boundary = Buffer.from(`--${boundary.replace(/^--/, "")}`);
  }

  /** @throws Error when a part is larger than any picture may be */
  push(chunk: Buffer, onPart: OnPart): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size < this.wanted) return;
    this.buffered = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    while (this.advance(onPart));
    if (this.buffered.length > MAX_PICTURE_BYTES) throw new Error("a picture is too large");
    this.chunks = this.buffered.length > 0 ? [this.buffered] : [];
    this.size = this.buffered.length;
    const counted = this.state === "body" && this.length !== null;
    this.wanted = counted ? (this.length ?? 0) : this.size + 1;
    if (this.wanted > MAX_PICTURE_BYTES) throw new Error("a picture is too large");
  }

  /**
   * Nothing more came for a moment: a part without a length is handed on where it looks
   * whole, since its end is else known when the next one begins, which may be much later.
   */
  idle(isWhole: (body: Buffer) => boolean, onPart: OnPart): void {
    if (this.state !== "body" || this.length !== null) return;
    const body = Buffer.concat(this.chunks);
    if (!isWhole(body)) return;
    this.buffered = EMPTY;
    this.chunks = [];
    this.size = 0;
    this.wanted = 0;
    this.state = "boundary";
    onPart(withoutLineEnd(body), this.partHead);
  }

  /** Does one step; false when more bytes are needed. */
  private advance(onPart: OnPart): boolean {
    if (this.state === "boundary") return this.takeBoundary();
    if (this.state === "head") return this.takeHead();
    return this.takeBody(onPart);
  }

  private takeBoundary(): boolean {
    const at = this.buffered.indexOf(this.boundary);
    if (at < 0) {
      const keep = Math.max(0, this.buffered.length - this.boundary.length);
      this.buffered = this.buffered.subarray(keep);
      return false;
    }
    this.buffered = this.buffered.subarray(at + this.boundary.length);
    this.state = "head";
    return true;
  }

  private takeHead(): boolean {
    const end = this.buffered.indexOf(HEAD_END);
    if (end < 0) {
      if (this.buffered.length > MAX_HEAD) throw new Error("not a picture stream");
      return false;
    }
    const head = this.buffered.toString("latin1", 0, end);
    this.partHead = head;
    const length = /content-length:\s*(\d+)/i.exec(head)?.[1];
    this.length = length === undefined ? null : Number(length);
    this.buffered = this.buffered.subarray(end + HEAD_END.length);
    this.state = "body";
    this.searched = 0;
    return true;
  }

  private takeBody(onPart: OnPart): boolean {
    let end: number;
    if (this.length !== null) {
      if (this.buffered.length < this.length) return false;
      end = this.length;
    } else {
      end = this.buffered.indexOf(this.boundary, this.searched);
      if (end < 0) {
        this.searched = Math.max(0, this.buffered.length - this.boundary.length);
        return false;
      }
    }
    const found = this.buffered.subarray(0, end);
    const body = this.length === null ? withoutLineEnd(found) : found;
    this.buffered = this.buffered.subarray(end);
    this.state = "boundary";
    onPart(body, this.partHead);
    return true;
  }
}

/** The line end before a boundary belongs to the boundary. */
function withoutLineEnd(body: Buffer): Buffer {
  return body.subarray(-2).toString("latin1") === "\r\n" ? body.subarray(0, -2) : body;
}
