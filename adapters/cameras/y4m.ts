/** A stream's header line is never longer. */
const MAX_HEADER = 512;
const FRAME_LINE = Buffer.from("FRAME");
const NEWLINE = 10;

/** Largest picture that is taken, in pixels: beyond, memory would be at the sender's mercy. */
export const MAX_PIXELS = 64_000_000;

export interface Y4mFrame {
  width: number;
  height: number;
  /** I420 planes. */
  data: SharedArrayBuffer;
}

/**
 * Reads the YUV4MPEG2 stream that ffmpeg writes: a header with the size, then
 * frames of I420 planes. Bytes go straight from the pipe's chunks into shared
 * memory, once.
 */
export class Y4mReader {
  private line: Buffer = Buffer.alloc(0);
  private size: { width: number; height: number; bytes: number } | null = null;
  private target: Uint8Array | null = null;
  private filled = 0;

  /** @throws Error when it is no 4:2:0 YUV4MPEG2 or too large */
  push(chunk: Buffer, onFrame: (frame: Y4mFrame) => void): void {
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.target ? this.takePixels(rest, onFrame) : this.takeLine(rest);
    }
  }

  private takeLine(chunk: Buffer): Buffer {
    const end = chunk.indexOf(NEWLINE);
    const part = end < 0 ? chunk : chunk.subarray(0, end);
    this.line = Buffer.concat([this.line, part]);
    if (this.line.length > MAX_HEADER) throw new Error("not a YUV4MPEG2 stream");
    if (end < 0) return Buffer.alloc(0);
    const line = this.line;
    this.line = Buffer.alloc(0);
    if (!this.size) this.size = parseHeader(line.toString("latin1"));
    else if (line.subarray(0, FRAME_LINE.length).equals(FRAME_LINE)) {
      this.target = new Uint8Array(new SharedArrayBuffer(this.size.bytes));
      this.filled = 0;
    } else throw new Error("YUV4MPEG2 stream out of step");
    return chunk.subarray(end + 1);
  }

  private takePixels(chunk: Buffer, onFrame: (frame: Y4mFrame) => void): Buffer {
    const { target, size } = this;
    if (!target || !size) return chunk;
    const n = Math.min(chunk.length, target.length - this.filled);
    target.set(n === chunk.length ? chunk : chunk.subarray(0, n), this.filled);
    this.filled += n;
    if (this.filled === target.length) {
      this.target = null;
      onFrame({
        width: size.width,
        height: size.height,
        data: target.buffer as SharedArrayBuffer,
      });
    }
    return chunk.subarray(n);
  }
}

function parseHeader(line: string): { width: number; height: number; bytes: number } {
  const fields = line.split(" ");
  const number = (letter: string): number =>
    Number(fields.find((f) => f.startsWith(letter))?.slice(1) ?? NaN);
  const width = number("W");
  const height = number("H");
  const colour = fields.find((f) => f.startsWith("C")) ?? "C420";
  if (fields[0] !== "YUV4MPEG2" || !(width > 0) || !(height > 0)) {
    throw new Error("not a YUV4MPEG2 stream");
  }
  if (!/^C420(jpeg|mpeg2|paldv)?$/.test(colour)) throw new Error(`unexpected pixels: ${colour}`);
  if (width * height > MAX_PIXELS) throw new Error(`picture too large: ${width} x ${height}`);
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  return { width, height, bytes: width * height + 2 * chroma };
}
