import { Zip, ZipDeflate, ZipPassThrough } from "fflate";
import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";

/** A ZIP file that is written as it grows; pictures go in as they are. */
export class ZipFile {
  private readonly stream: WriteStream;
  private readonly zip: Zip;
  private readonly written: Promise<void>;
  bytes = 0;

  constructor(path: string) {
    this.stream = createWriteStream(path, { flags: "w", mode: 0o640 });
    this.written = finished(this.stream);
    this.written.catch(() => undefined); // told by close
    this.zip = new Zip((error, chunk, final) => {
      if (error) this.stream.destroy(error);
      else {
        this.bytes += chunk.length;
        this.stream.write(chunk);
        if (final) this.stream.end();
      }
    });
  }

  /** Adds a file; resolves when more may come. */
  async add(name: string, data: Uint8Array, compress = false): Promise<void> {
    const entry = compress ? new ZipDeflate(name, { level: 6 }) : new ZipPassThrough(name);
    this.zip.add(entry);
    entry.push(data, true);
    if (this.stream.writableNeedDrain)
      await Promise.race([once(this.stream, "drain"), this.written]);
  }

  /** Resolves when all is on the disk. */
  async close(): Promise<void> {
    this.zip.end();
    await this.written;
  }

  /** Gives up. */
  destroy(): void {
    this.stream.destroy();
  }
}
